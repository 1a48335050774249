import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { fromRoot } from "./inputs.ts";

/** A real table with labels, cut in two by time: a model is trained on the earlier flows, and scores the later ones. */
export interface SplitTable {
  readonly name: string;
  readonly path: string;
  /** The column of times. */
  readonly time: string;
  /** The first time of the later flows, in the column's unit, or the share of each network's flows that come before. */
  readonly laterFrom: number | { readonly share: number };
  /** The column that keeps networks apart. */
  readonly network?: string;
}

export const UNSW_NB15: SplitTable = {
  name: "UNSW-NB15, January to February",
  path: "../shared/data/unsw-nb15/flows.parquet",
  time: "stime",
  laterFrom: 1_423_000_000,
};

export const IOT_23: SplitTable = {
  name: "IoT-23, the latter half of each capture",
  path: "../shared/data/iot23/flows.parquet",
  time: "ts",
  laterFrom: { share: 0.5 },
  network: "capture",
};

/**
 * Calls `measure` with the paths in a folder for it alone, in which `earlier.parquet` and `later.parquet` are the table's flows, in its order.
 * @returns whether the table is there
 */
export async function withSplitTable(
  table: SplitTable,
  measure: (at: (name: string) => string) => void,
): Promise<boolean> {
  const path = fromRoot(table.path);
  if (!existsSync(path)) return false;
  const folder = mkdtempSync(join(tmpdir(), "oddflow-split-"));
  const at = (name: string): string => join(folder, name);
  try {
    await splitByTime(path, table, at("earlier.parquet"), at("later.parquet"));
    measure(at);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return true;
}

async function splitByTime(
  path: string,
  { time, laterFrom, network }: SplitTable,
  earlier: string,
  later: string,
): Promise<void> {
  const partition = network === undefined ? "" : `PARTITION BY "${network}"`;
  const cut =
    typeof laterFrom === "number"
      ? laterFrom
      : `quantile_disc("${time}", ${laterFrom.share}) OVER (${partition})`;
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    for (const [isLater, to] of [
      [false, earlier],
      [true, later],
    ])
      await connection.run(
        `COPY (SELECT * EXCLUDE (file_row_number, is_later) FROM (SELECT *, "${time}" >= ${cut} AS is_later ` +
          `FROM read_parquet('${path}', file_row_number = true)) WHERE is_later = ${isLater} ORDER BY file_row_number) TO '${to}'`,
      );
  } finally {
    connection.disconnectSync();
    instance.closeSync();
  }
}
