/**
 * Makes a big table of flows for measurements: rows of fixtures/flows.parquet, drawn at random, with their amounts and
 * times jittered and a number of their own. The same seed gives the same table, whatever the number of threads.
 *
 * `pnpm make-flows 1000000 flows-1m.parquet [seed]`. Such tables are never committed.
 */
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";

/** DuckDB's own size of a row group. */
const ROW_GROUP = 122_880;

/** Integers from this size on are amounts (bytes, TCP sequence numbers); smaller ones are counts, flags and settings. */
const LEAST_AMOUNT = 10_000;

const EXACT_COLUMNS: ReadonlySet<string> = new Set([
  "flow_id",
  "source_port",
  "destination_port",
  "stime",
  "ltime",
]);

// The compiled script lies in scripts/dist.
const FIXTURE = fileURLToPath(new URL("../../fixtures/flows.parquet", import.meta.url));

const [flows, path, seed] = [Number(process.argv[2]), process.argv[3], Number(process.argv[4] ?? 1)];
if (!(Number.isSafeInteger(flows) && flows > 0 && path !== undefined && Number.isSafeInteger(seed))) {
  console.error("make-flows: expected the number of flows, a .parquet file to write and, if wanted, a seed");
  process.exit(2);
}

const instance = await DuckDBInstance.create(":memory:");
const connection = await instance.connect();
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
await connection.run(
  `CREATE TABLE fixture AS SELECT *, (row_number() OVER ())::BIGINT - 1 AS place FROM read_parquet(${text(FIXTURE)})`,
);
const described = await connection.runAndReadAll(`DESCRIBE FROM read_parquet(${text(FIXTURE)})`);
const columns: string[] = [];
for (const [k, { column_name: name, column_type: type }] of described.getRowObjectsJson().entries()) {
  const column = `"${String(name)}"`;
  // Between 0.95 and 1.05, from the row's number and the column's.
  const jitter = `(0.95 + 0.1 * (hash(flows.number, ${k}, ${seed}) >> 32)::DOUBLE / 4294967296)`;
  const isAmount = `abs(${column}) >= ${LEAST_AMOUNT}`;
  if (name === "flow_id") columns.push(`flows.number + 1 AS ${column}`);
  else if (type === "DOUBLE") columns.push(`${column} * ${jitter} AS ${column}`);
  else if (type === "BIGINT" && !EXACT_COLUMNS.has(String(name))) {
    columns.push(
      `CASE WHEN ${isAmount} THEN (${column} * ${jitter})::BIGINT ELSE ${column} END AS ${column}`,
    );
  } else columns.push(column);
}
await connection.run(
  `COPY (SELECT ${columns.join(", ")} FROM (SELECT range AS number, hash(range, ${seed}) % (SELECT count(*) FROM fixture) AS drawn ` +
    `FROM range(${flows})) AS flows JOIN fixture ON fixture.place = flows.drawn) ` +
    `TO ${text(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP})`,
);
connection.disconnectSync();
instance.closeSync();
console.log(`${flows} flows from seed ${seed} written to ${path}`);
