import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startDuckdb } from "./duckdb-session.ts";
import type { HostWindow } from "./host-windows.ts";
import { type OutputPlace, outputFailure } from "./output-place.ts";
import { outputFormatOf } from "./scored-table-sql.ts";
import { inSpillFolder } from "./spill-folder.ts";
import { optionsSql, textSql } from "./sql-text.ts";

/** A host window as it is written. */
export interface WrittenHostWindow extends HostWindow {
  readonly score: number;
  readonly isAnomaly: boolean;
  /** The share of usual host windows that score as high, 0 to 1. */
  readonly probability: number;
}

const COLUMNS = {
  host: "VARCHAR",
  network: "VARCHAR",
  window_start: "VARCHAR",
  window_seconds: "INTEGER",
  flows: "BIGINT",
  alarms: "BIGINT",
  score: "DOUBLE",
  is_anomaly: "BOOLEAN",
  probability: "DOUBLE",
  top_columns: "VARCHAR",
} as const;

/** A host window as JSON: the names are those of the written columns. */
export type HostRecord = Readonly<Record<keyof typeof COLUMNS, string | number | boolean | null>>;

/**
 * Writes host windows, one a row, as what the output's name ends in: Parquet, CSV, TSV or JSON lines. `window_start` is a time in Parquet and
 * ISO 8601 text in UTC elsewhere. The file appears whole or not at all.
 * @throws OddflowError OUTPUT_UNWRITABLE; USAGE for an ending of no known format
 */
export async function writeHostTable(
  place: OutputPlace,
  hosts: readonly WrittenHostWindow[],
  windowSeconds: number,
): Promise<void> {
  const format = outputFormatOf(place.path);
  const lines = new TextEncoder().encode(
    hosts.map((host) => `${JSON.stringify(hostRecord(host, windowSeconds))}\n`).join(""),
  );
  if (format === "ndjson") {
    await place.fill(lines);
  } else {
    const session = await startDuckdb(1);
    try {
      const path = join(session.folder, "hosts.ndjson");
      await inSpillFolder(session.folder, async () => {
        await mkdir(session.folder, { recursive: true, mode: 0o700 });
        await writeFile(path, lines);
      });
      const relation = `read_json(${textSql(path)}, format = 'newline_delimited', columns = ${optionsSql(Object.entries(COLUMNS))})`;
      const options =
        format === "parquet"
          ? "FORMAT parquet, COMPRESSION zstd"
          : `FORMAT csv, HEADER true, DELIMITER ${textSql(format === "csv" ? "," : "\t")}`;
      const start = format === "parquet" ? "REPLACE (window_start::TIMESTAMP AS window_start) " : "";
      await session.query(
        `COPY (SELECT * ${start}FROM ${relation}) TO ${textSql(place.temporary)} (${options}, USE_TMP_FILE false)`,
      );
    } catch (thrown) {
      throw outputFailure(place, thrown);
    } finally {
      session.close();
    }
  }
  await place.take();
}

/** The row of a host window, as it is written to a file: `window_start` is ISO 8601 text in UTC. */
export function hostRecord(
  { host, network, start, flows, alarms, score, isAnomaly, probability, topColumns }: WrittenHostWindow,
  windowSeconds: number,
): HostRecord {
  return {
    host,
    network,
    window_start: new Date(1000 * start).toISOString().replace(".000Z", "Z"),
    window_seconds: windowSeconds,
    flows,
    alarms,
    score,
    is_anomaly: isAnomaly,
    probability,
    top_columns: topColumns,
  };
}
