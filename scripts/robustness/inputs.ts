import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { fromRoot } from "./places.ts";
import type { Bodies } from "./request-mutations.ts";

const FLOWS = 120;

/** Small: a mutated model is opened thousands of times. */
const SMALL_NETWORK = "--hidden 8 --latent 2 --dropout 0 --epochs 1 --clean off".split(" ");

/** How a model sees a flow, and what `oddflow train` is told for it. */
const SEEN = { alone: "off", inContext: "auto" } as const;

export type Seen = keyof typeof SEEN;

/** What mutations start from. */
export interface Originals extends Bodies {
  readonly parquet: readonly Uint8Array[];
  readonly zeek: Uint8Array;
  readonly models: Readonly<Record<Seen, Uint8Array>>;
}

/** Trains small models, and writes some flows of the fixture in every format. */
export async function makeOriginals(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const fixture = fromRoot("fixtures/flows.parquet");
  await query(
    `CREATE TABLE flows AS SELECT * FROM '${fixture}' WHERE flow_id % 200 = 0 ORDER BY flow_id LIMIT ${FLOWS}`,
    `COPY flows TO '${join(folder, "snappy.parquet")}' (FORMAT parquet, COMPRESSION snappy)`,
    `COPY (SELECT flows.* FROM range(40), flows) TO '${join(folder, "groups.parquet")}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048)`,
    `COPY flows TO '${join(folder, "flows.csv")}' (FORMAT csv)`,
    `COPY flows TO '${join(folder, "flows.ndjson")}' (FORMAT json)`,
    `COPY flows TO '${join(folder, "flows.json")}' (FORMAT json, ARRAY true)`,
    `COPY flows TO '${join(folder, "cells.tsv")}' (FORMAT csv, DELIMITER '\t', NULLSTR '-')`,
  );
  const [names = "", ...rows] = readFileSync(join(folder, "cells.tsv"), "utf8").split("\n");
  const head = [
    "#separator \\x09",
    "#set_separator\t,",
    "#empty_field\t(empty)",
    "#unset_field\t-",
    "#path\tconn",
  ];
  const cells = rows.map((row) => row.split("\t"));
  const types = names
    .split("\t")
    .map((_, column) =>
      cells.every((row) => /^(-|-?[0-9]+([.][0-9]+)?(e-?[0-9]+)?)?$/.test(row[column] ?? ""))
        ? "double"
        : "string",
    );
  writeFileSync(
    join(folder, "conn.log"),
    [...head, `#fields\t${names}`, `#types\t${types.join("\t")}`, ...rows].join("\n"),
  );
  for (const [seen, context] of Object.entries(SEEN)) {
    const model = modelPath(folder, seen as Seen);
    const options = ["--out", model, "--subset", "3000", "--context", context, ...SMALL_NETWORK];
    const { status, stderr } = spawnSync(
      process.execPath,
      [fromRoot("packages/cli/bin/oddflow.js"), "train", fixture, ...options],
      { encoding: "utf8" },
    );
    if (status !== 0) throw new Error(`train: ${stderr}`);
  }
}

/** Where `makeOriginals` puts a model. */
export function modelPath(folder: string, seen: Seen): string {
  return join(folder, `${seen}.onnx`);
}

/** What `makeOriginals` wrote. */
export function readOriginals(folder: string): Originals {
  const read = (name: string): Uint8Array => readFileSync(join(folder, name));
  return {
    parquet: [read("snappy.parquet"), read("groups.parquet")],
    csv: read("flows.csv"),
    ndjson: read("flows.ndjson"),
    json: read("flows.json"),
    zeek: read("conn.log"),
    models: {
      alone: readFileSync(modelPath(folder, "alone")),
      inContext: readFileSync(modelPath(folder, "inContext")),
    },
  };
}

/** Runs statements in a DuckDB of their own. */
export async function query(...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    for (const statement of statements) await connection.run(statement);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
