import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { openTable, readEndpoints } from "@oddflow/tables";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "oddflow-endpoints-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ROWS = 60_000;

test("who talks to whom comes in the order of the rows, of many row groups and on several threads", async () => {
  const path = join(folder, "flows.parquet");
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT '10.0.' || (i // 251) % 7 || '.' || i % 251 AS src_ip, CASE WHEN i % 5 = 0 THEN '-' ELSE '10.1.0.' || i % 19 END AS dst_ip,
       i % 23 AS dst_port, 'tcp' AS proto, i AS bytes FROM range(${ROWS}) t(i))
     TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
  );
  connection.disconnectSync();
  const expected = (value: (i: number) => string): Uint32Array => {
    const codes = new Map<string, number>();
    return Uint32Array.from({ length: ROWS }, (_, i) => {
      const key = value(i);
      const code = codes.get(key) ?? codes.size;
      codes.set(key, code);
      return code;
    });
  };
  for (let run = 0; run < 3; run++) {
    const table = await openTable([path], { threads: 4 });
    const endpoints = await readEndpoints(table);
    table.close();
    expect(endpoints?.source).toEqual(expected((i) => `${Math.floor(i / 251) % 7}.${i % 251}`));
    expect(endpoints?.destination).toEqual(expected((i) => (i % 5 === 0 ? "" : String(i % 19))));
    expect(endpoints?.service).toEqual(expected((i) => String(i % 23)));
  }
});
