import { findEndpoints } from "@oddflow/flow-sources";
import { type Endpoints, keyCodes } from "@oddflow/preprocessing";
import { type FlowTable, openTableOf } from "../flow-table.ts";
import { blameFile } from "../table-source.ts";
import { readUnchanged } from "../unchanged-files.ts";
import { keyItems } from "../vector-items.ts";
import { contextInputSql, INPUT } from "./context-inputs.ts";

/**
 * Reads who talks to whom, in the order of the rows; undefined where no columns are known to say it. Rows without an address share
 * a code.
 * @param network the column that keeps networks apart, where there is one
 * @throws what the table throws
 */
export async function readEndpoints(table: FlowTable, network?: string): Promise<Endpoints | undefined> {
  const open = openTableOf(table);
  const columns = findEndpoints(table.columns.map(({ name }) => name));
  if (columns === undefined) return undefined;
  const names = { ...columns, bytes: [], packets: [], ...(network === undefined ? {} : { network }) };
  const hasService = columns.port !== undefined || columns.protocol !== undefined;
  const wanted = [INPUT.source, INPUT.destination, ...(hasService ? [INPUT.port] : [])];
  const { files, session } = open;
  const keys = wanted.map(() => new Uint32Array(2 * table.rows));
  await readUnchanged("read table", files, async () => {
    const { expressions, relation } = contextInputSql(open, names);
    const connection = await session.connect();
    try {
      const sql = `SELECT ${wanted.map((k) => expressions[k]).join(", ")} FROM ${relation(files)}`;
      const result = await connection.stream(sql);
      for (let row = 0; ; ) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) break;
        for (const [k, list] of keys.entries()) list.set(keyItems(chunk, k), 2 * row);
        row += chunk.rowCount;
      }
    } catch (thrown) {
      throw await blameFile("read table", session, files, relation, thrown);
    } finally {
      connection.disconnectSync();
    }
  });
  const [source, destination, service] = keys.map(keyCodes);
  if (source === undefined || destination === undefined) return undefined;
  return { source, destination, ...(service === undefined ? {} : { service }) };
}
