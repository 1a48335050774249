import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createScorer } from "@oddflow/inference/node";
import type { PreprocessingSpec } from "@oddflow/preprocessing";
import { type PageServer, servePage } from "@oddflow/workbench";
import { inject } from "vitest";
import { constantModel } from "../../inference/test/constant-model.ts";
import { readTable } from "../src/reading/index.ts";
import { encodeColumns } from "../src/scoring/encode-columns.ts";

const ROOT: string = fileURLToPath(new URL("../../..", import.meta.url));
const FIXTURE: string = join(ROOT, "fixtures/flows.parquet");
export const MODEL: string = join(ROOT, "fixtures/unsw-nb15.onnx");

/** The first of the programs that is there. */
export function findProgram(...paths: readonly (string | undefined)[]): string | undefined {
  return paths.find((path) => path !== undefined && existsSync(path));
}

export interface ServedPage extends PageServer {
  /** The folder that it was built into. */
  readonly folder: string;
}

/** Serves the page that was built for all test files. */
export async function serveBuilt(): Promise<ServedPage> {
  const folder = inject("builtPage");
  const server = await servePage({ port: 0, host: "127.0.0.1", page: folder });
  return { ...server, folder };
}

/** The scores of a file by onnxruntime-node. */
export async function nodeScores(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  model: Uint8Array,
): Promise<Float32Array> {
  const table = await readTable(new Blob([bytes]), name, () => undefined);
  const scorer = await createScorer(model, { provider: "cpu" });
  const flows = new Float32Array(table.rows * scorer.columns.length);
  encodeColumns(table, scorer.columns).encode(0, table.rows, flows);
  const { scores } = await scorer.score(flows);
  await scorer.close();
  return scores;
}

export function fixtureBytes(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(FIXTURE));
}

/** A small detector on columns of Zeek's conn.log, quick enough for many flows. */
export function zeekModel(): Uint8Array {
  const number = (name: string, mean: number): PreprocessingSpec["columns"][number] => ({
    kind: "number",
    name,
    median: mean,
    transform: "signed-log1p",
    mean,
    scale: 2,
  });
  const spec: PreprocessingSpec = {
    version: 1,
    columns: [
      number("duration", 1),
      number("orig_bytes", 5),
      number("resp_bytes", 5),
      {
        kind: "category",
        name: "proto",
        valueType: "text",
        vocabulary: ["tcp", "udp"],
        missingCode: 0,
        encoding: "label",
        mean: 0.5,
        scale: 0.5,
      },
    ],
  };
  const probabilities = Array.from({ length: 101 }, (_, i) => i / 100);
  const heldBack = { flows: 1000, probabilities, scores: probabilities.map((p) => 4 * p) };
  return constantModel(spec, [0, 0, 0, 0], { heldBack });
}

/** The largest difference, of the score or of 1 where it is smaller. */
export function largestDifference(scores: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (scores.length !== wanted.length) return Number.POSITIVE_INFINITY;
  return Math.max(
    ...Array.from(scores, (score, row) => {
      const other = wanted[row] ?? Number.NaN;
      const difference = Math.abs(score - other) / Math.max(1, Math.abs(other));
      return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    }),
  );
}

/** Lines of Zeek's conn.log, with a header. */
export function zeekLog(rows: number): string {
  const fields = [
    "ts",
    "uid",
    "id.orig_h",
    "id.orig_p",
    "id.resp_h",
    "id.resp_p",
    "proto",
    "duration",
    "orig_bytes",
    "resp_bytes",
  ];
  const types = ["time", "string", "addr", "port", "addr", "port", "enum", "interval", "count", "count"];
  const lines = Array.from({ length: rows }, (_, row) => {
    const bytes = row % 100 === 99 ? 10 ** 9 : 100 + ((row * 37) % 400);
    const duration = row % 10 === 0 ? "-" : ((row % 50) / 10).toFixed(6);
    const source = `10.0.${row % 8}.${row % 250}`;
    return [
      (1_704_067_200 + row * 10).toFixed(6),
      `C${row}`,
      source,
      1024 + (row % 60_000),
      "192.0.2.7",
      443,
      row % 3 === 0 ? "udp" : "tcp",
      duration,
      bytes,
      2 * bytes,
    ].join("\t");
  });
  const head = [
    "#separator \\x09",
    "#set_separator\t,",
    "#empty_field\t(empty)",
    "#unset_field\t-",
    "#path\tconn",
  ];
  return [
    ...head,
    `#fields\t${fields.join("\t")}`,
    `#types\t${types.join("\t")}`,
    ...lines,
    "#close\t2024-01-02",
    "",
  ].join("\n");
}
