import type { ScoredBatch } from "@oddflow/tables";
import type { ScoredPart } from "./score-table.ts";

/** Scored rows as a table takes them. */
export function scoredBatch({ scores, topColumns, reasons, ...part }: ScoredPart): ScoredBatch {
  return {
    ...part,
    score: scores,
    ...(topColumns ? { top: topColumns } : {}),
    ...(reasons ? { reasons: reasons.map((own) => own && JSON.stringify(own)) } : {}),
  };
}
