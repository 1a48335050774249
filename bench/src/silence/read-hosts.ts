import { DuckDBInstance } from "@duckdb/node-api";
import type { HostFlows } from "./host-flows.ts";

/** Hosts of a table. @param host and `time`, in seconds since 1970, as SQL */
export async function readHosts(
  path: string,
  { host, time, where = "true" }: { readonly host: string; readonly time: string; readonly where?: string },
): Promise<HostFlows[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const rows = await connection.runAndReadAll(
    `SELECT ${host} AS host, list(${time} ORDER BY ${time}) AS times FROM read_parquet('${path}') WHERE ${where} GROUP BY ALL ORDER BY host`,
  );
  const hosts = rows
    .getRowObjectsJson()
    .map((row) => ({ kind: "host", times: (row["times"] as unknown[]).map(Number) }));
  connection.disconnectSync();
  instance.closeSync();
  return hosts;
}
