import { OddflowError, SCORE_COLUMN, SUPPRESSING_VERDICTS, TRUE_TEXTS } from "@oddflow/preprocessing";
import { textSql } from "./sql-text.ts";

/** Whether a flow is an anomaly, as SQL. @param flag the text of its `is_anomaly`, as SQL */
export function isAnomalySql(flag: string): string {
  return `coalesce(lower(${flag}) IN (${TRUE_TEXTS.map(textSql).join(", ")}), false)`;
}

/** Whether a rule has taken a flow's alarm away, as SQL. @param verdict the text of its `alarm_verdict`, as SQL */
export function isSuppressedSql(verdict: string): string {
  return `coalesce(${verdict} IN (${SUPPRESSING_VERDICTS.map(textSql).join(", ")}), false)`;
}

/**
 * Sees that a table was scored.
 * @param operation for the message
 * @param needed columns that scoring adds
 * @throws OddflowError COLUMNS_MISSING
 */
export function checkScored(
  operation: string,
  columns: readonly string[],
  path: string,
  needed: readonly string[] = [SCORE_COLUMN.isAnomaly],
): void {
  const missing = needed.find((name) => !columns.includes(name));
  if (missing === undefined) return;
  throw new OddflowError(
    "COLUMNS_MISSING",
    `${operation}: ${path} has no column "${missing}"; name flows that were scored, by score-batch, a pipe or a stream`,
  );
}
