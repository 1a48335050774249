import { SCORE_COLUMN } from "@oddflow/preprocessing";
import { doubleSql } from "./coding-sql.ts";
import { columnSql, type StoredColumn } from "./column-storage.ts";
import { queryTable } from "./distinct-values.ts";
import { findColumns, tableName } from "./find-columns.ts";
import { type FlowTable, openTableOf } from "./flow-table.ts";
import { firstValueSql, type HostColumns, hostFlowsSql, inCalendarSql } from "./host-flows.ts";
import { checkScored, isAnomalySql, isSuppressedSql } from "./scored-columns.ts";
import { trimmedTextSql } from "./text-columns.ts";
import { readUnchanged } from "./unchanged-files.ts";

/** What is asked of a scored table. */
export interface HostWindowsRequest extends HostColumns {
  /** The column that keeps networks apart; undefined where there is one network. */
  readonly network: string | undefined;
  /** The length of a window, from multiples of it since 1970. */
  readonly seconds: number;
  /** A probability below this counts as this. */
  readonly leastProbability: number;
}

/** The flows of one host in one stretch of time. */
export interface HostWindow {
  readonly host: string;
  /** Null where there is one network, or a flow names none. */
  readonly network: string | null;
  /** Seconds since 1970. */
  readonly start: number;
  readonly flows: number;
  /** How many of them are anomalies. */
  readonly alarms: number;
  /** The sum of 1 / probability, to three decimals of each. */
  readonly inverseSum: number;
  /** The least probability of a flow. */
  readonly rarest: number;
  /** The columns that made its oddest flow odd, of those whose alarm no rule has taken away; null where the table does not say. */
  readonly topColumns: string | null;
}

/** A table's host windows, in the order of their times, then of hosts and networks. */
export interface HostWindows {
  readonly windows: readonly HostWindow[];
  /** Flows without a host or a time, which are in none. */
  readonly leftOut: number;
}

/**
 * Sums up a scored table by hosts and windows of time. A flow whose alarm a rule has taken away is a usual one. Sums are of whole
 * thousandths, so that they hang on no order.
 * @throws OddflowError COLUMNS_MISSING, also where the flows have not been scored; COLUMN_TYPE where the time column holds something else; what the
 * table throws
 */
export async function readHostWindows(table: FlowTable, request: HostWindowsRequest): Promise<HostWindows> {
  const open = openTableOf(table);
  const { files, source } = open;
  const names = new Set(table.columns.map(({ name }) => name));
  const { score, isAnomaly, rarity, topColumns, ruleVerdict } = SCORE_COLUMN;
  checkScored("read hosts", [...names], tableName(files), [score, isAnomaly, rarity]);
  return readUnchanged("read hosts", files, async () => {
    const column = (name: string): StoredColumn =>
      findColumns(source.columns, [name], files)[0] as StoredColumn;
    const { host, time } = await hostFlowsSql(open, request);
    const network =
      request.network === undefined ? "NULL::VARCHAR" : firstValueSql([column(request.network)]);
    const top = names.has(topColumns) ? namesSql(column(topColumns)) : "NULL::VARCHAR";
    const suppressed = names.has(ruleVerdict)
      ? isSuppressedSql(trimmedTextSql(column(ruleVerdict)))
      : "false";
    const p = `greatest(coalesce(${doubleSql(column(rarity))}, 1), ${request.leastProbability})`;
    const rows = await queryTable(
      open,
      `WITH flows AS (SELECT ${host} AS host, ${network} AS network, ${time} AS time, ` +
        `CASE WHEN ${suppressed} THEN 1 ELSE ${p} END AS p, ${suppressed} AS suppressed, ` +
        `${isAnomalySql(trimmedTextSql(column(isAnomaly)))} AS alarm, ${doubleSql(column(score))} AS score, ${top} AS top ` +
        `FROM ${source.relation(files)}) ` +
        `SELECT host, network, floor(time / ${request.seconds})::BIGINT AS place, count(*) AS flows, count_if(alarm) AS alarms, ` +
        "sum(round(1000 / p)::BIGINT) / 1000 AS inverse_sum, min(p) AS rarest, " +
        "arg_max(top, {'score': score, 'top': top}) FILTER (WHERE NOT suppressed) AS top " +
        `FROM flows WHERE host IS NOT NULL AND ${inCalendarSql("time")} GROUP BY ALL ORDER BY place, host, network`,
    );
    const windows = rows.map((row): HostWindow => {
      const text = (name: string): string | null => (row[name] === null ? null : String(row[name]));
      return {
        host: String(row["host"]),
        network: text("network"),
        start: Number(row["place"]) * request.seconds,
        flows: Number(row["flows"]),
        alarms: Number(row["alarms"]),
        inverseSum: Number(row["inverse_sum"]),
        rarest: Number(row["rarest"]),
        topColumns: text("top"),
      };
    });
    return { windows, leftOut: table.rows - windows.reduce((sum, { flows }) => sum + flows, 0) };
  });
}

/** Names as text with ", " between them, of a list, of a list's JSON, or of text as CSV and Zeek's logs have it. */
function namesSql(column: StoredColumn): string {
  if (column.sqlType.endsWith("[]")) return `array_to_string(${columnSql(column)}, ', ')`;
  const text = trimmedTextSql(column);
  const list = `TRY_CAST(TRY_CAST(${text} AS JSON) AS VARCHAR[])`;
  return (
    `CASE WHEN ${text} LIKE '[%' THEN coalesce(array_to_string(${list}, ', '), ${text}) ` +
    `ELSE regexp_replace(${text}, ',\\s*', ', ', 'g') END`
  );
}
