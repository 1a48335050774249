import { featureCount, type PreprocessingSpec } from "@oddflow/preprocessing";
import type { TrainingEngine } from "./engine.ts";
import { type ErrorView, whitenedView } from "./error-view.ts";
import { type NetworkOptions, networkShape } from "./network.ts";
import { drawEvenly, randomStream } from "./random.ts";
import { residuals } from "./reconstruction.ts";
import { gatherRows } from "./rows.ts";
import { type Schedule, type TrainedNetwork, type TrainingProgress, trainNetwork } from "./train-network.ts";

/** One of a detector's networks, to be trained. Plain data: it goes to another thread as it is. */
export interface NetworkTask {
  /** By which the features were made. */
  readonly spec: PreprocessingSpec;
  /** Row-major `[rows, features]`, standardised. */
  readonly features: Float32Array;
  /** The rows that are learned from. */
  readonly rows: Uint32Array;
  /** Row-major `[rows, features]`. */
  readonly validation: Float32Array;
  readonly network: NetworkOptions;
  readonly schedule: Schedule;
  readonly seed: number;
  readonly view: ErrorView["kind"];
}

/** What became of a task. */
export interface TaskResult {
  readonly trained: TrainedNetwork;
  readonly view: ErrorView;
}

export interface TaskRun {
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
  /** Ends the training after the running step. */
  readonly signal?: AbortSignal | undefined;
}

/** Flows that usual errors are taken from; more would not change their means. */
const FLOWS_FOR_USUAL_ERRORS = 50_000;

/**
 * Trains a network, and fits what is seen of it on the flows that it learned from.
 * @throws OddflowError TOO_FEW_FLOWS, OPTION_RANGE, as `trainNetwork` does
 */
export async function trainDetectorNetwork(
  engine: TrainingEngine,
  task: NetworkTask,
  { onProgress, signal }: TaskRun,
): Promise<TaskResult> {
  const { spec, features, rows, validation, schedule, seed } = task;
  const width = featureCount(spec);
  const shape = networkShape(width, task.network);
  const data = { train: features, rows, validation };
  const trained = await trainNetwork(engine, data, { shape, schedule, seed, onProgress, signal });
  if (task.view === "squared") return { trained, view: { kind: "squared" } };
  const left = await residuals(trained.weights, drawnFeatures(task), width);
  return { trained, view: await whitenedView(spec, left) };
}

/** The features of some of the flows that a network learned from, row-major `[rows, features]`: enough to tell usual errors by. */
export function drawnFeatures({ spec, features, rows, seed }: NetworkTask): Float32Array {
  const drawn = drawEvenly(rows.length, FLOWS_FOR_USUAL_ERRORS, randomStream(seed, "usual errors"));
  return gatherRows(
    features,
    featureCount(spec),
    drawn.map((place) => rows[place] as number),
  );
}
