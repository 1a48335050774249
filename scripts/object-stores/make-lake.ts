import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

/** Small files, as a lake has them. */
const SMALL_FILES = 60;

/** Writes a table's flows into a folder in several ways: a lake of Parquet with names that are hard to write in an address, text, many small files, and scored flows. */
export async function makeLake(table: string, folder: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const copy = async (rows: string, name: string): Promise<void> => {
    const path = join(folder, name);
    mkdirSync(join(path, ".."), { recursive: true });
    await connection.run(`COPY (${rows}) TO '${path}'`);
  };
  const flows = `SELECT * FROM '${table}'`;
  await copy(`${flows} LIMIT 8000`, "lake/day=2025-01-01/part 0+ü.parquet");
  await copy(`${flows} LIMIT 8000 OFFSET 8000`, "lake/day=2025-01-02/100%41.parquet");
  await copy(`${flows} OFFSET 16000`, "lake/day=2025-01-02/[1].parquet");
  await copy(`${flows} LIMIT 5000`, "text/flows.csv");
  await copy(`${flows} LIMIT 5000`, "text/flows.ndjson.gz");
  const scores =
    "(flow_id % 100) / 10 AS score, flow_id % 50 = 0 AS is_anomaly, 1 / (1 + flow_id % 1000) AS probability, " +
    "['service', 'state'] AS top_columns";
  await copy(`SELECT *, ${scores} FROM '${table}'`, "scored.parquet");
  for (let k = 0; k < SMALL_FILES; k++)
    await copy(`${flows} LIMIT 20 OFFSET ${20 * k}`, `small/${k}.parquet`);
  connection.closeSync();
  instance.closeSync();
}
