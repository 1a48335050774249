import { type EventRule, eventRulesOf, eventWords, findSensor } from "@oddflow/flow-sources";
import type { StoredColumn } from "../column-storage.ts";
import type { DuckdbSession } from "../duckdb-session.ts";
import { nameSql, textSql } from "../sql-text.ts";
import type { TableFile } from "../table-files.ts";
import type { FileReading } from "../table-source.ts";

/** Which rows of Parquet files are flows, where a sensor's rule leaves some out. */
export interface FlowRowsOnly {
  /** Of the flows, as a relation's rows are chosen by. */
  readonly condition: string;
  /** A file each. */
  readonly readings: readonly FileReading[];
}

/**
 * Looks for records that are no flows, as the text readers leave them out: Suricata's other events, say. Undefined where there are none.
 * @param columns those that stand in the files by themselves
 * @param relation of some of the files
 */
export async function findFlowRows(
  session: DuckdbSession,
  files: readonly TableFile[],
  columns: readonly StoredColumn[],
  relation: (files: readonly TableFile[]) => string,
): Promise<FlowRowsOnly | undefined> {
  const rules = eventRulesOf(columns.map(({ name }) => name)).filter(
    ({ field }) => columns.find(({ name }) => name === field)?.storage === "text",
  );
  if (rules.length === 0) return undefined;
  const isOther = rules.map(otherEventSql);
  const words = isOther.map((condition, k) => `WHEN ${condition} THEN ${wordsSql(rules[k] as EventRule)}`);
  const takenFor = findSensor(columns.map(({ name }) => name))?.title;
  const readings: FileReading[] = [];
  for (const file of files) {
    const counts = await session.query(
      `SELECT CASE ${words.join(" ")} END AS words, count(*) AS records FROM ${relation([file])} ` +
        `WHERE ${isOther.join(" OR ")} GROUP BY words ORDER BY records DESC, words`,
    );
    const leftOut = new Map(counts.map((row) => [String(row["words"]), Number(row["records"])]));
    readings.push({ path: file.path, takenFor, leftOut });
  }
  if (readings.every(({ leftOut }) => leftOut.size === 0)) return undefined;
  return { condition: isOther.map((condition) => `NOT ${condition}`).join(" AND "), readings };
}

/** True for what says that it is something else; what says nothing is a flow. */
function otherEventSql({ field, flows, others = [] }: EventRule): string {
  const list = (flows ?? others).map(textSql).join(", ");
  const value = `CAST(${nameSql(field)} AS VARCHAR)`;
  return `coalesce(${value} ${flows === undefined ? "IN" : "NOT IN"} (${list}), false)`;
}

/** `eventWords` of a row's value. */
function wordsSql(rule: EventRule): string {
  return `concat(${textSql(eventWords(rule, ""))}, ${nameSql(rule.field)})`;
}
