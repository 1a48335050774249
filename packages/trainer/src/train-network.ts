import { checkRange, OddflowError, type OptionRange } from "@oddflow/preprocessing";
import { DEFAULT_OPTIMISER, type TrainingEngine } from "./engine.ts";
import { initialWeights, type LayerShape, type NetworkWeights } from "./network.ts";
import { randomStream, shuffle } from "./random.ts";
import { reconstructionError } from "./reconstruction.ts";

/** How long and how fast to train. */
export interface Schedule {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** The learning rate is halved after this many epochs in a row without a lower validation loss. */
  readonly halveAfter: number;
  /** Training stops after this many epochs in a row without a lower validation loss. */
  readonly stopAfter: number;
}

/** All but the epochs, which go by the detector and the number of rows. */
export const DEFAULT_SCHEDULE: Omit<Schedule, "epochs"> = {
  batchSize: 256,
  learningRate: 1e-3,
  halveAfter: 3,
  stopAfter: 5,
};

/** Of each number of a schedule. Batch normalisation has no variance in a batch of one. */
export const SCHEDULE: Readonly<Record<keyof Schedule, OptionRange>> = {
  epochs: { from: 1, whole: true },
  batchSize: { from: 2, whole: true },
  learningRate: { above: 0 },
  halveAfter: { from: 1, whole: true },
  stopAfter: { from: 1, whole: true },
};

/** @throws OddflowError OPTION_RANGE for a number out of `SCHEDULE`. */
export function checkSchedule(schedule: Partial<Schedule>): void {
  for (const name of Object.keys(SCHEDULE) as (keyof Schedule)[]) {
    const value = schedule[name];
    if (value !== undefined) checkRange(`train: ${name}`, value, SCHEDULE[name]);
  }
}

/** Where training stands; sent after every run of steps and after every epoch. */
export interface TrainingProgress {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Share of the epoch's flows that are done, 0 to 1. */
  readonly share: number;
  /** Mean over the epoch so far. */
  readonly trainLoss: number;
  /** Of the last finished epoch; absent during the first. */
  readonly validationLoss?: number;
  /** Training flows a second, over the epoch so far. */
  readonly flowsPerSecond: number;
  /** If all epochs are needed. */
  readonly secondsLeft: number;
}

/** What an epoch of training came to; losses are means a flow. */
export interface EpochRecord {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly validationLoss: number;
  readonly learningRate: number;
  readonly seconds: number;
}

/** A network as it comes from training. */
export interface TrainedNetwork {
  /** Those of the epoch with the lowest validation loss. */
  readonly weights: NetworkWeights;
  readonly bestEpoch: number;
  readonly epochs: readonly EpochRecord[];
  readonly stopped: "all epochs done" | "no improvement" | "interrupted";
}

/** The flows that a network is trained on, and those that choose its epoch. */
export interface TrainingData {
  /** Row-major `[rows, features]`, standardised. */
  readonly train: Float32Array;
  /** Those of `train` that are learned from; all where it is absent. */
  readonly rows?: Uint32Array;
  readonly validation: Float32Array;
}

/** How a network is trained. */
export interface TrainNetworkOptions {
  readonly shape: readonly LayerShape[];
  readonly schedule: Schedule;
  readonly seed: number;
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
  /** Ends training after the running steps; the best weights so far are kept. */
  readonly signal?: AbortSignal | undefined;
}

/** Flows a run of steps: short enough (about a tenth of a second) for progress and for an interrupt to be heard. */
const FLOWS_A_RUN = 8192;

/** Steps of a run that is longer because an engine asks for it, however small its batches are. */
const MOST_STEPS_ASKED_FOR = 256;

/**
 * Trains a network on an engine by the schedule, and keeps the weights of the best epoch.
 *
 * Batches are drawn from all rows in a new order every epoch; a last batch of a single row is left out, since batch
 * normalisation has no variance there. Interrupted within the first epoch, the weights are those reached by then.
 * @throws OddflowError TOO_FEW_FLOWS when there are fewer than two training rows or no validation row; OPTION_RANGE for a
 * schedule that cannot be followed.
 */
export async function trainNetwork(
  engine: TrainingEngine,
  data: TrainingData,
  options: TrainNetworkOptions,
): Promise<TrainedNetwork> {
  const { shape, schedule, seed, signal } = options;
  checkSchedule(schedule);
  const width = shape[0]?.inputs ?? 0;
  const order =
    data.rows?.slice() ?? Uint32Array.from({ length: data.train.length / width }, (_, row) => row);
  const rows = order.length;
  if (rows < 2 || data.validation.length === 0) {
    throw new OddflowError(
      "TOO_FEW_FLOWS",
      `train: ${rows} training and ${data.validation.length / width} validation flows; at least 2 and 1 are needed`,
    );
  }
  let weights = initialWeights(shape, seed);
  const run = await engine.start({
    shape,
    weights,
    features: data.train,
    optimiser: DEFAULT_OPTIMISER,
    seed,
  });
  const random = randomStream(seed, "batches");
  const epochs: EpochRecord[] = [];
  const best = { epoch: 0, validationLoss: Infinity };
  let learningRate = schedule.learningRate;
  let stopped: TrainedNetwork["stopped"] = "all epochs done";
  try {
    for (let epoch = 1; epoch <= schedule.epochs; epoch++) {
      const began = performance.now();
      let lossSum = 0;
      let done = 0;
      for (const { from, to, batchSize } of runsOfSteps(rows, schedule.batchSize, engine.flowsARun)) {
        if (signal?.aborted) break;
        if (from === 0) shuffle(order, random);
        const losses = await run.train(order.subarray(from, to), batchSize, learningRate);
        for (const loss of losses) lossSum += loss * batchSize;
        done = to;
        const previous = epochs.at(-1);
        const flowsPerSecond = done / ((performance.now() - began) / 1000);
        options.onProgress?.({
          epoch,
          epochs: schedule.epochs,
          share: done / rows,
          trainLoss: lossSum / done,
          ...(previous ? { validationLoss: previous.validationLoss } : {}),
          flowsPerSecond,
          secondsLeft: (rows - done + rows * (schedule.epochs - epoch)) / flowsPerSecond,
        });
      }
      if (signal?.aborted && best.epoch > 0) {
        stopped = "interrupted";
        break;
      }
      const reached = await run.weights();
      const validationLoss = await reconstructionError(reached, data.validation, width);
      if (!Number.isFinite(validationLoss)) {
        throw new OddflowError(
          "OPTION_RANGE",
          `train: the validation loss of epoch ${epoch} is ${validationLoss}; the learning rate ${learningRate} is too high for this table`,
        );
      }
      const seconds = (performance.now() - began) / 1000;
      epochs.push({ epoch, trainLoss: lossSum / Math.max(1, done), validationLoss, learningRate, seconds });
      if (validationLoss < best.validationLoss) {
        best.epoch = epoch;
        best.validationLoss = validationLoss;
        weights = reached;
      }
      if (signal?.aborted) {
        stopped = "interrupted";
        break;
      }
      const without = epoch - best.epoch;
      if (without >= schedule.stopAfter) {
        stopped = "no improvement";
        break;
      }
      if (without > 0 && without % schedule.halveAfter === 0) learningRate /= 2;
    }
  } finally {
    await run.close();
  }
  return { weights, bestEpoch: best.epoch, epochs, stopped };
}

/** Cuts an epoch into runs of whole batches, and a last run for the rows that fill no batch. */
function* runsOfSteps(
  rows: number,
  wantedBatch: number,
  flowsAskedFor = 0,
): Generator<{ from: number; to: number; batchSize: number }> {
  const batchSize = Math.min(wantedBatch, rows);
  const steps = Math.min(MOST_STEPS_ASKED_FOR, Math.floor(flowsAskedFor / batchSize));
  const flowsARun = batchSize * Math.max(1, Math.floor(FLOWS_A_RUN / batchSize), steps);
  const whole = rows - (rows % batchSize);
  for (let from = 0; from < whole; from += flowsARun) {
    yield { from, to: Math.min(from + flowsARun, whole), batchSize };
  }
  if (rows - whole >= 2) yield { from: whole, to: rows, batchSize: rows - whole };
}
