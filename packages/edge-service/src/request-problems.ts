import type { ScorerDescription } from "@oddflow/inference";
import { neededFields } from "@oddflow/preprocessing";
import type { ServiceLimits } from "./limits.ts";
import { Problem, type Rejection } from "./problem.ts";
import type { BodyFormat } from "./score-request.ts";

/** A problem shows so many of the records that cannot be scored. */
const SHOWN_REJECTIONS = 10;

/** None of the first records can be scored: `rejected` say why, and `withoutColumns` more have no column of the model. */
export function unusableRecords(
  rejected: readonly Rejection[],
  withoutColumns: number,
  body: BodyFormat,
  { ownColumns, context }: ScorerDescription,
): Problem {
  const shown = { rejected: rejected.slice(0, SHOWN_REJECTIONS) };
  if (withoutColumns > 0) {
    const needed = neededFields(ownColumns, context);
    const orNoContext = context ? ", or do not say when flows were and between whom" : "";
    return new Problem(
      "unusable-records",
      `the records have none of the model's ${ownColumns.length} columns${orNoContext}; it needs ${needed.join(", ")}`,
      shown,
    );
  }
  if (body === "ndjson" && rejected.every(({ expected }) => expected.startsWith("JSON"))) {
    return new Problem("unreadable-body", `no line is JSON; ${rejected[0]?.message}`, shown);
  }
  return new Problem("unusable-records", `no record can be scored; ${rejected[0]?.message}`, shown);
}

/** No record came in time (`isIdle`), or the request has used up all the time that it may keep the service waiting. */
export function tooSlow(isIdle: boolean, { idleSeconds, requestSeconds }: ServiceLimits): Problem {
  return new Problem(
    "too-slow",
    isIdle
      ? `no whole record came for ${idleSeconds} s; send records without such a pause`
      : `the request has kept the service waiting for ${requestSeconds} s in all; send many records at a time`,
  );
}
