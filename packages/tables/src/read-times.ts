import { OddflowError, timeUnitsPerSecond } from "@oddflow/preprocessing";
import { tableName } from "./find-columns.ts";
import type { OpenTable } from "./flow-table.ts";
import { blameFile } from "./table-source.ts";
import { timeSql } from "./time-sql.ts";
import { doubleItems } from "./vector-items.ts";

/** A table's times, in the order of its rows. */
export interface ReadTimes {
  /** Seconds since 1970; NaN where there is none. */
  readonly times: Float64Array;
  /** How many units of the column are a second. */
  readonly unitsPerSecond: number;
}

/** What `FlowTable.times` gives, and in which unit it was. */
export async function readTimes(open: OpenTable, name: string): Promise<ReadTimes> {
  const { session, source, files } = open;
  const { value, isSeconds } = await timeSql(open, name);
  const sql = `SELECT coalesce(${value}, 'nan'::DOUBLE) FROM ${source.relation(files)}`;
  const times = new Float64Array(source.rows);
  let rows = 0;
  const connection = await session.connect();
  try {
    const result = await connection.stream(sql);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      if (rows + chunk.rowCount <= times.length) times.set(doubleItems(chunk, 0), rows);
      rows += chunk.rowCount;
    }
  } catch (thrown) {
    throw await blameFile("read table", session, files, (some) => source.relation(some), thrown);
  } finally {
    connection.disconnectSync();
  }
  if (rows !== source.rows) {
    throw new OddflowError(
      "TABLE_UNREADABLE",
      `read table: ${tableName(files)}: ${rows} of ${source.rows} rows could be read; get the file again`,
    );
  }
  const unitsPerSecond = isSeconds ? 1 : timeUnitsPerSecond(times);
  for (let row = 0; row < rows; row++) {
    const time = times[row] as number;
    times[row] = Number.isFinite(time) ? time / unitsPerSecond : Number.NaN;
  }
  return { times, unitsPerSecond };
}
