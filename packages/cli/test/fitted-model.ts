import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  encodeDetectorMetadata,
  parseDetectorMetadata,
  profileFlows,
  summariseColumnErrors,
  summariseScores,
} from "@oddflow/detector";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import { readModelSummary, replaceMetadata, sealModel } from "@oddflow/onnx";
import { openTable } from "@oddflow/tables";
import { runHere } from "./in-process.ts";
import { FLOWS, MODEL, readNdjson } from "./run-cli.ts";

/** A model as a training on half of the usual flows of `fixtures/flows.parquet` leaves it, and the flows. */
export interface FittedModel {
  /** Path of the model file: its thresholds and profile are those of the flows that it is said to be fitted on. */
  readonly model: string;
  /** The other half of the usual flows, and all attacks, as lines of NDJSON. */
  readonly usual: readonly string[];
  readonly attacks: readonly string[];
  /** Writes lines as a table and gives its path. */
  table(name: string, lines: readonly string[]): string;
}

export async function fitModel(folder: string): Promise<FittedModel> {
  const table = (name: string, lines: readonly string[]): string => {
    const path = join(folder, name);
    writeFileSync(path, `${lines.join("\n")}\n`);
    return path;
  };
  const all = join(folder, "all.ndjson");
  const scored = await runHere("score-batch", [FLOWS, "-o", all]);
  if (scored.status !== 0) throw new Error(scored.stderr);
  const lines = readFileSync(all, "utf8").trim().split("\n");
  const isAttack = readNdjson(all).map((flow) => flow["binary_label"] === 1);
  const usual = lines.filter((_, row) => isAttack[row] === false);
  const fitted = table(
    "fitted.ndjson",
    usual.filter((_, row) => row % 2 === 0),
  );
  const bytes = readFileSync(MODEL);
  const scorer = await createScorer(bytes);
  const flows = await readFlows(fitted, scorer);
  const { scores, errors = new Float32Array() } = await scorer.score(flows, { errors: true });
  const columns = scorer.columns;
  await scorer.close();
  const metadata = parseDetectorMetadata(readModelSummary(bytes));
  const entries = encodeDetectorMetadata({
    ...metadata,
    thresholds: {
      heldBack: summariseScores(scores),
      youden: 1,
      columnErrors: summariseColumnErrors(errors, columns.length),
    },
    profile: profileFlows(columns, flows),
  });
  const model = join(folder, "fitted.onnx");
  writeFileSync(model, sealModel(replaceMetadata(bytes, entries)));
  return {
    model,
    usual: usual.filter((_, row) => row % 2 === 1),
    attacks: lines.filter((_, row) => isAttack[row] === true),
    table,
  };
}

/** A table's flows, row-major, encoded for a scorer. */
export async function readFlows(path: string, scorer: Scorer): Promise<Float32Array> {
  const table = await openTable(path);
  const width = scorer.columns.length;
  const flows = new Float32Array(table.rows * width);
  let first = 0;
  for await (const batch of table.scan(scorer.columns)) {
    batch.columns.forEach((values, k) => {
      for (let row = 0; row < batch.rows; row++) flows[(first + row) * width + k] = values[row] ?? Number.NaN;
    });
    first += batch.rows;
  }
  table.close();
  return flows;
}
