import { OddflowError } from "@oddflow/preprocessing";
import type { StoredColumn } from "./column-storage.ts";
import { findColumns, tableName } from "./find-columns.ts";
import type { OpenTable } from "./flow-table.ts";
import { blameFile } from "./table-source.ts";
import { timeSql, unitsPerSecond } from "./time-span.ts";
import { doubleItems } from "./vector-items.ts";

/** `FlowTable.times`. */
export async function readTimes(open: OpenTable, name: string): Promise<Float64Array> {
  const { session, source, files } = open;
  const column = findColumns(source.columns, [name], files)[0] as StoredColumn;
  const sql = `SELECT coalesce(${timeSql(column, open)}, 'nan'::DOUBLE) FROM ${source.relation(files)}`;
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
  let last = Number.NEGATIVE_INFINITY;
  for (const time of times) if (Number.isFinite(time) && time > last) last = time;
  const units = unitsPerSecond(column, last);
  return times.map((time) => (Number.isFinite(time) ? time / units : Number.NaN));
}
