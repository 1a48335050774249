import { availableParallelism } from "node:os";
import {
  type ExecutionProvider,
  type InferenceSession,
  onnxruntimeVersion,
  openNodeSession,
  Tensor,
} from "@oddflow/inference/node";
import { encodeModel } from "@oddflow/onnx";
import { DropoutMasks } from "../dropout-masks.ts";
import type { OptimiserOptions, TrainingEngine, TrainingRun, TrainingStart } from "../engine.ts";
import type { LayerShape, NetworkWeights } from "../network.ts";
import { packWeights, parameterLayout, unpackWeights } from "../parameter-layout.ts";
import { maskInput, STATE, trainingModel, trainingStepModel } from "./training-graph.ts";
import { floats, openTrainingMemory, outputTensor, type TrainingMemory } from "./training-memory.ts";

/** How onnxruntime trains. */
export interface OnnxEngineOptions {
  /** Where the training graph runs. Default "cpu". */
  readonly provider?: ExecutionProvider;
  /** Threads within one operation on the CPU; where it is absent, one a core for a network that is large enough. */
  readonly threads?: number | undefined;
  /** Where the session's profile goes; see `SessionExtras`. */
  readonly profile?: string;
}

/**
 * CUDA takes state and dropout masks from the host at every run, tens of megabytes and more, and many more steps than a CPU
 * in the same time.
 */
const FLOWS_A_RUN_ON_CUDA = 262_144;

/** The engine whose training step is an ONNX graph, run by onnxruntime-node. */
export function createOnnxEngine(options: OnnxEngineOptions = {}): TrainingEngine {
  const provider = options.provider ?? "cpu";
  return {
    name: "onnx",
    provider,
    ...(provider === "cuda" ? { flowsARun: FLOWS_A_RUN_ON_CUDA } : {}),
    // Who names a number of threads, or asks for a profile, has one session at a time.
    isForThreads: (shape) =>
      provider === "cpu" &&
      options.threads === undefined &&
      options.profile === undefined &&
      availableParallelism() > 1 &&
      isSmall(shape),
    describe: async () => `onnxruntime-node ${onnxruntimeVersion()} on ${provider}`,
    async start(start) {
      const memory = await openTrainingMemory(provider);
      try {
        const hardware = provider === "cpu" ? "cpu" : "gpu";
        const graph = memory.onDevice ? trainingStepModel : trainingModel;
        const model = encodeModel(graph(start.shape, start.optimiser, hardware));
        const session = await openNodeSession(model, provider, options.threads ?? threadsFor(start), {
          ...(memory.onDevice ? { outputsOnDevice: STATE.map(after) } : {}),
          ...(options.profile === undefined ? {} : { profile: options.profile }),
        });
        return new OnnxTrainingRun(session, memory, start);
      } catch (error) {
        await memory.close();
        throw error;
      }
    },
  };
}

/** Rows that are turned together: as many as stay in the core's nearest cache. */
const ROWS_AT_ONCE = 64;

type State = Record<(typeof STATE)[number], Tensor>;

/** What differs from step to step. */
interface StepInputs {
  readonly batchSize: number;
  readonly rows: Uint32Array;
  readonly stepSize: Float32Array;
  readonly denominatorFloor: Float32Array;
  /** Row-major `[steps, dropout layers]`. */
  readonly maskOffsets: BigInt64Array;
}

class OnnxTrainingRun implements TrainingRun {
  readonly #session: InferenceSession;
  readonly #memory: TrainingMemory;
  readonly #start: TrainingStart;
  readonly #features: number;
  #masks: DropoutMasks | undefined;
  #maskTensors: Record<string, Tensor> = {};
  #state: State;
  #step = 0;
  #batches = new Float32Array();

  constructor(session: InferenceSession, memory: TrainingMemory, start: TrainingStart) {
    this.#session = session;
    this.#memory = memory;
    this.#start = start;
    this.#features = start.shape[0]?.inputs ?? 0;
    const { parameters, statistics } = packWeights(start.weights);
    this.#state = {
      parameters: vector(parameters),
      moment1: vector(new Float32Array(parameters.length)),
      moment2: vector(new Float32Array(parameters.length)),
      statistics: vector(statistics),
    };
  }

  async train(rows: Uint32Array, batchSize: number, learningRate: number): Promise<Float32Array> {
    const steps = rows.length / batchSize;
    if (!Number.isInteger(steps) || batchSize < 2) {
      throw new Error(
        `train: ${rows.length} rows in batches of ${batchSize}; batches must be whole and of 2 or more`,
      );
    }
    const inputs: StepInputs = {
      batchSize,
      rows,
      ...adamSteps(this.#start.optimiser, learningRate, this.#step, steps),
      maskOffsets: await this.#drawMasks(steps, batchSize),
    };
    const losses = new Float32Array(steps);
    const stepsARun = this.#memory.onDevice ? 1 : steps;
    for (let first = 0; first < steps; first += stepsARun) {
      losses.set(await this.#run(inputs, first, first + stepsARun), first);
      this.#step += stepsARun;
    }
    return losses;
  }

  /** Takes the steps from `first` to before `end` in one run of the graph; returns their losses. */
  async #run(inputs: StepInputs, first: number, end: number): Promise<Float32Array> {
    const { batchSize, rows, stepSize, denominatorFloor, maskOffsets } = inputs;
    const steps = end - first;
    const layers = maskOffsets.length / stepSize.length;
    const outputs = await this.#session.run({
      ...this.#state,
      ...this.#maskTensors,
      ...(layers === 0
        ? {}
        : {
            mask_offsets: new Tensor("int64", maskOffsets.slice(first * layers, end * layers), [
              steps,
              layers,
            ]),
          }),
      batches: new Tensor(
        "float32",
        this.#gather(rows.subarray(first * batchSize, end * batchSize), batchSize),
        [steps, this.#features, batchSize],
      ),
      step_size: vector(stepSize.slice(first, end)),
      denominator_floor: vector(denominatorFloor.slice(first, end)),
    });
    for (const tensor of Object.values(this.#state)) this.#memory.free(tensor);
    this.#state = {
      parameters: outputTensor(outputs, after("parameters")),
      moment1: outputTensor(outputs, after("moment1")),
      moment2: outputTensor(outputs, after("moment2")),
      statistics: outputTensor(outputs, after("statistics")),
    };
    return floats(outputTensor(outputs, "losses"));
  }

  async weights(): Promise<NetworkWeights> {
    const parameters = await this.#memory.readVector(this.#state.parameters);
    return unpackWeights(
      this.#start.shape,
      parameters,
      await this.#memory.readVector(this.#state.statistics),
    );
  }

  async close(): Promise<void> {
    for (const tensor of [...Object.values(this.#state), ...Object.values(this.#maskTensors)])
      this.#memory.free(tensor);
    try {
      await this.#session.release();
    } finally {
      await this.#memory.close();
    }
  }

  /** The rows' features as `[steps, features, batch]`; written over by the next call. */
  #gather(rows: Uint32Array, batchSize: number): Float32Array {
    const width = this.#features;
    const { features } = this.#start;
    const values = rows.length * width;
    if (this.#batches.length < values) this.#batches = new Float32Array(values);
    const batches = this.#batches.subarray(0, values);
    for (let step = 0; step < rows.length / batchSize; step++) {
      const first = step * batchSize * width;
      for (let start = 0; start < batchSize; start += ROWS_AT_ONCE) {
        const end = Math.min(start + ROWS_AT_ONCE, batchSize);
        const tile = rows.subarray(step * batchSize + start, step * batchSize + end);
        for (let k = 0; k < width; k++) {
          const to = first + k * batchSize + start;
          // tile holds row numbers of the features, so both elements exist.
          for (let i = 0; i < tile.length; i++) {
            batches[to + i] = features[(tile[i] as number) * width + k] as number;
          }
        }
      }
    }
    return batches;
  }

  /** Draws the offsets of the steps' masks, row-major `[steps, dropout layers]`, and the pools when it is time. */
  async #drawMasks(steps: number, batchSize: number): Promise<BigInt64Array> {
    this.#masks ??= new DropoutMasks(this.#start.shape, batchSize, this.#start.seed);
    const masks = this.#masks;
    if (masks.layers === 0) return new BigInt64Array();
    const { pools, fresh } = masks.pools(steps);
    if (fresh) {
      for (const tensor of Object.values(this.#maskTensors)) this.#memory.free(tensor);
      this.#maskTensors = {};
      for (const [layer, pool] of pools) {
        const shape = [pool.length / masks.width, masks.width] as const;
        this.#maskTensors[maskInput(layer)] = await this.#memory.putMatrix(pool, shape);
      }
    }
    return masks.offsets(steps, batchSize);
  }
}

/**
 * Threads wait for each other at every node, which takes longer than the nodes of a small network: one of 6,700 parameters took
 * 0.4 of the time on one thread, one of 102,700 profits from a second.
 */
const PARAMETERS_TO_SHARE = 50_000;

function threadsFor({ shape }: TrainingStart): number | undefined {
  return isSmall(shape) ? 1 : undefined;
}

function isSmall(shape: readonly LayerShape[]): boolean {
  return parameterLayout(shape).parameters < PARAMETERS_TO_SHARE;
}

/**
 * What a step of Adam is besides its passes over the parameters. With M = m / (1 - beta1) and V = v / (1 - beta2), and t from 1,
 *
 *     rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon) = stepSize * M / (sqrt(V) + denominatorFloor)
 */
function adamSteps(
  { beta1, beta2, epsilon }: OptimiserOptions,
  learningRate: number,
  before: number,
  steps: number,
): Pick<StepInputs, "stepSize" | "denominatorFloor"> {
  const root = (t: number): number => Math.sqrt((1 - beta2 ** t) / (1 - beta2));
  return {
    stepSize: Float32Array.from({ length: steps }, (_, i) => {
      const t = before + i + 1;
      return (learningRate * (1 - beta1) * root(t)) / (1 - beta1 ** t);
    }),
    denominatorFloor: Float32Array.from({ length: steps }, (_, i) => epsilon * root(before + i + 1)),
  };
}

/** The name of the output that is the state after the steps. */
function after(state: string): string {
  return `${state}_after`;
}

function vector(values: Float32Array): Tensor {
  return new Tensor("float32", values, [values.length]);
}
