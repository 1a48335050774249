import type { LayerShape, NetworkWeights } from "./network.ts";

/** Adam with L2 weight decay added to the gradient, as PyTorch's `Adam(weight_decay=...)`. */
export interface OptimiserOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** Adam's usual coefficients, and a little weight decay. */
export const DEFAULT_OPTIMISER: OptimiserOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 1e-5,
};

/** What an engine starts from. */
export interface TrainingStart {
  readonly shape: readonly LayerShape[];
  readonly weights: NetworkWeights;
  /** Row-major `[rows, features]`, standardised; read only. */
  readonly features: Float32Array;
  readonly optimiser: OptimiserOptions;
  /** For the dropout masks. */
  readonly seed: number;
}

/**
 * Something that can take training steps. It knows nothing of epochs, schedules, validation or files: those are
 * written once, in `train-network.ts`.
 */
export interface TrainingEngine {
  /** "onnx" or "tfjs". */
  readonly name: string;
  /** Where the steps run, for people and the training record: "cpu", "cuda" and the like. */
  readonly provider: string;
  /** Flows a call of `train` is best given; absent for what takes about a tenth of a second on a CPU. */
  readonly flowsARun?: number;
  /**
   * Whether several networks of a shape are best trained at a time, each on one core: the first by this engine, the others by the
   * onnx engine in threads of their own, which then gives what this one gives. Absent where never.
   */
  isForThreads?(shape: readonly LayerShape[]): boolean;
  /** Library, versions and device, for people and the training record. May throw what `start` throws. */
  describe(): Promise<string>;
  start(start: TrainingStart): Promise<TrainingRun>;
}

/** One training under way; holds weights, Adam's moments and the running statistics. */
export interface TrainingRun {
  /**
   * Takes `rows.length / batchSize` steps, one after the other, and resolves to the mean squared error of each, taken
   * before its update. `rows` are row numbers of the features, a batch after the other; `batchSize` is 2 or more.
   */
  train(rows: Uint32Array, batchSize: number, learningRate: number): Promise<Float32Array>;
  /** A copy of the weights as they are now. */
  weights(): Promise<NetworkWeights>;
  close(): Promise<void>;
}
