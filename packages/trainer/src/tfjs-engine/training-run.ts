import { setImmediate } from "node:timers/promises";
import type { TrainingRun, TrainingStart } from "../engine.ts";
import { type NetworkWeights, NORMALISATION_MOMENTUM } from "../network.ts";
import { packWeights, parameterLayout, unpackWeights } from "../parameter-layout.ts";
import { computeGradients, type StepGradients } from "./gradients.ts";
import { MaskTensors } from "./mask-tensors.ts";
import { NativeAdam } from "./native-adam.ts";
import { isNativeBackend, NativeKernels } from "./native-kernels.ts";
import { nativeOperations } from "./native-operations.ts";
import { PortableAdam } from "./portable-adam.ts";
import { portableOperations } from "./portable-operations.ts";
import type { AdamParameters, StepOperations } from "./step-operations.ts";
import type { Tfjs, TfTensor } from "./tfjs-namespace.ts";

/** A training under way on the backend of tfjs that is current when it is made. */
export class TfjsTrainingRun implements TrainingRun {
  readonly #tf: Tfjs;
  readonly #backend: string;
  readonly #start: TrainingStart;
  readonly #features: number;
  readonly #operations: StepOperations;
  readonly #parameters: AdamParameters;
  #statistics: TfTensor;
  #masks: MaskTensors | undefined;
  #step = 0;

  constructor(tf: Tfjs, start: TrainingStart) {
    this.#tf = tf;
    this.#backend = tf.getBackend();
    this.#start = start;
    this.#features = start.shape[0]?.inputs ?? 0;
    const layout = parameterLayout(start.shape);
    const { parameters, statistics } = packWeights(start.weights);
    this.#statistics = tf.tensor1d(statistics);
    const backend = tf.backend();
    if (isNativeBackend(backend)) {
      const kernels = new NativeKernels(tf, backend);
      this.#operations = nativeOperations(kernels);
      this.#parameters = new NativeAdam(kernels, layout, start.optimiser, parameters);
    } else {
      this.#operations = portableOperations(tf);
      this.#parameters = new PortableAdam(tf, layout, start.optimiser, parameters);
    }
  }

  async train(rows: Uint32Array, batchSize: number, learningRate: number): Promise<Float32Array> {
    const steps = rows.length / batchSize;
    if (!Number.isInteger(steps) || batchSize < 2) {
      throw new Error(
        `train: ${rows.length} rows in batches of ${batchSize}; batches must be whole and of 2 or more`,
      );
    }
    await this.#turn();
    const tf = this.#tf;
    const batches = this.#gather(rows);
    const values = batchSize * this.#features;
    this.#masks ??= new MaskTensors(tf, this.#start.shape, batchSize, this.#start.seed);
    const masks = this.#masks.draw(steps, batchSize);
    const errors: TfTensor[] = [];
    for (let step = 0; step < steps; step++) {
      tf.tidy(() => {
        const batch = tf.tensor2d(batches.subarray(step * values, (step + 1) * values), [
          batchSize,
          this.#features,
        ]);
        errors.push(tf.keep(this.#takeStep(batch, masks(step), 2 / values, learningRate)));
      });
    }
    const all = tf.stack(errors);
    for (const error of errors) error.dispose();
    const halves = await all.data();
    all.dispose();
    return Float32Array.from(halves, (half) => (2 * half) / values);
  }

  async weights(): Promise<NetworkWeights> {
    await this.#turn();
    const parameters = await this.#parameters.values();
    return unpackWeights(this.#start.shape, parameters, Float32Array.from(await this.#statistics.data()));
  }

  async close(): Promise<void> {
    await this.#turn();
    this.#parameters.close();
    this.#operations.close();
    this.#statistics.dispose();
    this.#masks?.close();
  }

  /**
   * Lets timers and signals be heard, which steps of libtensorflow alone would never do, and makes the backend that the
   * tensors lie on current.
   */
  async #turn(): Promise<void> {
    await setImmediate();
    if (this.#tf.getBackend() !== this.#backend) await this.#tf.setBackend(this.#backend);
  }

  /** Returns half the sum of the squared errors before the step. */
  #takeStep(
    batch: TfTensor,
    masks: ReadonlyMap<number, TfTensor>,
    lossFactor: number,
    learningRate: number,
  ): TfTensor {
    const computed = computeGradients(this.#operations, this.#start.shape, {
      batch,
      parameters: this.#parameters.read(),
      masks,
      lossGradient: this.#tf.scalar(lossFactor),
    });
    this.#step++;
    this.#parameters.update(computed.gradients, { learningRate, step: this.#step });
    this.#updateStatistics(computed);
    return computed.halfSquaredError;
  }

  #updateStatistics({ means, unbiasedVariances }: StepGradients): void {
    if (means.length === 0) return;
    const tf = this.#tf;
    const old = this.#statistics;
    const fresh = tf.mul(tf.concat([...means, ...unbiasedVariances]), NORMALISATION_MOMENTUM);
    this.#statistics = tf.keep(tf.add(tf.mul(old, 1 - NORMALISATION_MOMENTUM), fresh));
    old.dispose();
  }

  /** The rows' features, row-major `[rows, features]`. */
  #gather(rows: Uint32Array): Float32Array {
    const width = this.#features;
    const { features } = this.#start;
    const gathered = new Float32Array(rows.length * width);
    rows.forEach((row, i) => {
      gathered.set(features.subarray(row * width, (row + 1) * width), i * width);
    });
    return gathered;
  }
}
