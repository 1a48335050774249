import { SCORE_COLUMN } from "@oddflow/preprocessing";
import { valueSql } from "./coding-sql.ts";
import { columnSql, type StoredColumn } from "./column-storage.ts";
import { findColumns, tableName } from "./find-columns.ts";
import { type FlowTable, openTableOf } from "./flow-table.ts";
import { checkScored, isAnomalySql, isSuppressedSql } from "./scored-columns.ts";
import { blameFile } from "./table-source.ts";
import { trimmedTextSql } from "./text-columns.ts";
import { timeSql } from "./time-sql.ts";
import { checkUnchanged } from "./unchanged-files.ts";

/** What is asked of a scored table. */
export interface AlarmRowsRequest {
  /** The column of times. */
  readonly time: string;
  /** Columns whose values are given. */
  readonly values: readonly string[];
  /** Ends the reading: the next rows are refused with the signal's reason. */
  readonly signal: AbortSignal;
}

/** Some alarms. */
export interface AlarmRows {
  readonly rows: number;
  /** The row of one in the table, from 1. */
  place(row: number): number;
  /** As `ScannedBatch.value`, but of a list or an object its JSON text. */
  value(row: number, place: number): unknown;
}

/**
 * Reads the alarms of a scored table that no rule has taken away, in the order of their times, those without a time last. What waits in memory is
 * bounded: DuckDB sorts on disk where there are many.
 * @throws OddflowError COLUMNS_MISSING, also where the flows have not been scored; COLUMN_TYPE where the time column holds something else;
 * TABLE_UNREADABLE; the signal's reason when it is aborted
 */
export async function* readAlarmRows(
  table: FlowTable,
  { time, values, signal }: AlarmRowsRequest,
): AsyncGenerator<AlarmRows, void, undefined> {
  signal.throwIfAborted();
  const open = openTableOf(table);
  const { session, source, files } = open;
  const names = table.columns.map(({ name }) => name);
  checkScored("read alarms", names, tableName(files));
  const column = (name: string): StoredColumn =>
    findColumns(source.columns, [name], files)[0] as StoredColumn;
  const { isAnomaly, ruleVerdict } = SCORE_COLUMN;
  const isSuppressed = names.includes(ruleVerdict)
    ? isSuppressedSql(trimmedTextSql(column(ruleVerdict)))
    : "false";
  const isAlarm = `${isAnomalySql(trimmedTextSql(column(isAnomaly)))} AND NOT ${isSuppressed}`;
  const own = values.map((name, place) => `${valueOrJsonSql(column(name))} AS v${place}`);
  const numbered =
    `SELECT row_number() OVER () AS place, ${isAlarm} AS alarm, ${(await timeSql(open, time)).value} AS time, ` +
    `${own.join(", ")} FROM ${source.relation(files)}`;
  const asked = ["place", ...own.map((_, place) => `v${place}`)].join(", ");
  const connection = await session.connect();
  const stop = (): void => connection.interrupt();
  signal.addEventListener("abort", stop);
  try {
    const result = await connection.stream(
      `SELECT ${asked} FROM (${numbered}) WHERE alarm ORDER BY time NULLS LAST`,
    );
    for (;;) {
      const chunk = await result.fetchChunk();
      signal.throwIfAborted();
      if (chunk === null || chunk.rowCount === 0) break;
      yield {
        rows: chunk.rowCount,
        place: (row) => Number(chunk.getColumnVector(0).getItem(row)),
        value: (row, place) => chunk.getColumnVector(1 + place).getItem(row),
      };
    }
    await checkUnchanged("read alarms", files);
  } catch (thrown) {
    signal.throwIfAborted();
    throw await blameFile("read alarms", session, files, (some) => source.relation(some), thrown);
  } finally {
    signal.removeEventListener("abort", stop);
    connection.interrupt();
    connection.disconnectSync();
  }
}

/** A value as it is, as SQL; of a list or an object its JSON text. */
function valueOrJsonSql(column: StoredColumn): string {
  const name = columnSql(column);
  if (column.storage === "json")
    return `CASE WHEN json_type(${name}) IN ('OBJECT', 'ARRAY') THEN ${name}::VARCHAR ELSE ${valueSql(column)}::VARCHAR END`;
  return column.storage === "other" ? `to_json(${name})::VARCHAR` : valueSql(column);
}
