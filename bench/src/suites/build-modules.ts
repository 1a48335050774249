import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BenchCase, type BenchSuite, expectTrue } from "../case.ts";
import { batchCase, ONNX_ALL_THREADS, trainingCase } from "../case-names.ts";

/** As `DETECTOR_NETWORK.reference` and the peers have it. */
const NETWORK = { hidden: [256, 128, 64], latent: 16, dropout: [0.3, 0.2, 0.2] };
const FEATURES = 33;
const TRAINING_FLOWS = 16_384;
const TRAINING_BATCH = 256;

/** A build's model alone, by its own modules. Arguments: its folder, a model, encoded flows (float32), batches with commas. */
export async function buildModelSuite(args: readonly string[]): Promise<BenchSuite> {
  const [folder = "", model = "", flowsFile = "", batches = ""] = args;
  const { createScorer } = await moduleOf<typeof import("@oddflow/inference/node")>(
    folder,
    "inference/dist/node.js",
  );
  const scorer = await createScorer(await readFile(model), { provider: "cpu" });
  const flows = new Float32Array(Uint8Array.from(await readFile(flowsFile)).buffer);
  const width = scorer.columns.length;
  const largest = await scorer.score(flows);
  const cases = batches.split(",").map((text): BenchCase => {
    const batch = Number(text);
    const block = flows.subarray(0, batch * width);
    return {
      name: batchCase(batch),
      flows: batch,
      check: async () => {
        const { scores } = await scorer.score(block);
        expectTrue(scores.length === batch, `${batchCase(batch)}: ${scores.length} scores`);
        scores.forEach((score, row) => {
          // A flow's score hangs on nothing but the flow.
          expectTrue(
            score === largest.scores[row],
            `${batchCase(batch)}: flow ${row} has another score in a batch`,
          );
        });
      },
      run: () => scorer.score(block),
    };
  });
  return { cases, close: () => scorer.close() };
}

/** A build's training steps, by its own modules. Argument: its folder. */
export async function buildTrainingSuite([folder = ""]: readonly string[]): Promise<BenchSuite> {
  const trainer = await moduleOf<typeof import("@oddflow/trainer")>(folder, "trainer/dist/index.js");
  const shape = trainer.networkShape(FEATURES, NETWORK);
  const features = Float32Array.from(
    { length: TRAINING_FLOWS * FEATURES },
    (_, i) => Math.sin(i * 0.7) + Math.cos(i * i * 0.01),
  );
  const rows = Uint32Array.from({ length: TRAINING_FLOWS }, (_, row) => row);
  const weights = trainer.initialWeights(shape, 1);
  const optimiser = trainer.DEFAULT_OPTIMISER;
  const run = await trainer.createOnnxEngine().start({ shape, weights, features, optimiser, seed: 1 });
  return {
    cases: [
      {
        name: trainingCase(ONNX_ALL_THREADS, TRAINING_BATCH),
        flows: TRAINING_FLOWS,
        check: async () => {
          const [first = 0] = await run.train(rows, TRAINING_BATCH, 1e-3);
          const last = (await run.train(rows, TRAINING_BATCH, 1e-3)).at(-1) ?? Infinity;
          expectTrue(last < first, `training: the loss went from ${first} to ${last}`);
        },
        run: () => run.train(rows, TRAINING_BATCH, 1e-3),
      },
    ],
    close: () => run.close(),
  };
}

/** A module of a built checkout, which is taken to export what this build's does. */
async function moduleOf<Exports>(folder: string, path: string): Promise<Exports> {
  return (await import(pathToFileURL(join(folder, "packages", path)).href)) as Exports;
}
