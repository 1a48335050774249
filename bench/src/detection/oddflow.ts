import { createScorer, type Scorer } from "@oddflow/inference/node";
import { recodeFlows } from "@oddflow/preprocessing";
import {
  DETECTOR_NETWORK,
  DETECTOR_PREPROCESSING,
  type FlowDataset,
  type Split,
  type TrainingEngine,
  trainDetector,
} from "@oddflow/trainer";
import type { DetectorRun } from "./peers.ts";
import type { TableFlows } from "./table-flows.ts";

export const ODDFLOW = "oddflow";

/** A detector that was trained as `oddflow train` does when it is told nothing. */
export interface OddflowRun {
  readonly run: Exclude<DetectorRun, { skipped: string }>;
  readonly model: Uint8Array;
}

/**
 * Trains as on a table without labels, so that none can help.
 * @throws OddflowError what `trainDetector` throws.
 */
export async function runOddflow(
  { dataset: { labels: _, ...dataset } }: TableFlows,
  split: Split,
  seed: number,
  engine: TrainingEngine,
): Promise<OddflowRun> {
  const began = performance.now();
  const { model } = await trainDetector({ ...dataset, flows: dataset.flows.slice() }, engine, {
    flows: { protocol: "held-out", split: () => split },
    detector: {
      name: "robust",
      clean: "auto",
      preprocessing: DETECTOR_PREPROCESSING.robust,
      network: DETECTOR_NETWORK.robust,
      schedule: {},
    },
    run: { seed },
  });
  const trained = performance.now();
  const scores = await withScorer(model, (scorer) => scoreRows(scorer, dataset, split.test));
  const scored = performance.now();
  return {
    model,
    run: {
      name: ODDFLOW,
      scores,
      settings: "defaults",
      fitSeconds: (trained - began) / 1000,
      scoreSeconds: (scored - trained) / 1000,
    },
  };
}

/** Opens a model file for as long as `use` takes. */
export async function withScorer<T>(model: Uint8Array, use: (scorer: Scorer) => Promise<T>): Promise<T> {
  const scorer = await createScorer(model, { provider: "cpu" });
  try {
    return await use(scorer);
  } finally {
    await scorer.close();
  }
}

/** One score a row, in the order in which they are named. */
async function scoreRows(
  scorer: Scorer,
  { columns, flows }: FlowDataset,
  rows: Uint32Array,
): Promise<Float32Array> {
  const width = columns.length;
  const gathered = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    gathered.set(flows.subarray(row * width, (row + 1) * width), i * width);
  });
  recodeFlows(gathered, columns, scorer.columns);
  return (await scorer.score(gathered)).scores;
}
