import { DuckDBInstance } from "@duckdb/node-api";

/**
 * `node copy-columns.js TABLE OUTPUT COLUMN...`: what DuckDB alone takes for reading columns of a Parquet table and writing them to
 * another, on all threads and with its own choice of compression.
 */
const [table = "", output = "", ...columns] = process.argv.slice(2);
const textSql = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const names = columns.map((name) => `"${name.replaceAll('"', '""')}"`);
const instance = await DuckDBInstance.create(":memory:");
const connection = await instance.connect();
await connection.run(
  `COPY (SELECT ${names.join(", ")} FROM read_parquet(${textSql(table)})) TO ${textSql(output)} (FORMAT parquet)`,
);
connection.disconnectSync();
instance.closeSync();
