import { OddflowError, timeUnitsPerSecond } from "@oddflow/preprocessing";
import { tableName } from "./find-columns.ts";
import type { OpenTable } from "./flow-table.ts";
import { blameFile } from "./table-source.ts";
import { timeSql } from "./time-sql.ts";
import { doubleItems } from "./vector-items.ts";

/** `FlowTable.times`. */
export async function readTimes(open: OpenTable, name: string): Promise<Float64Array> {
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
  const units = isSeconds ? 1 : timeUnitsPerSecond(times);
  for (const [row, time] of times.entries()) times[row] = Number.isFinite(time) ? time / units : Number.NaN;
  return times;
}
