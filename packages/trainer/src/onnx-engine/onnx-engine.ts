import { type ExecutionProvider, onnxruntimeVersion, openNodeSession } from "@oddflow/inference/node";
import { encodeModel } from "@oddflow/onnx";
import * as ort from "onnxruntime-node";
import { DropoutMasks } from "../dropout-masks.ts";
import type { TrainingEngine, TrainingRun, TrainingStart } from "../engine.ts";
import type { NetworkWeights } from "../network.ts";
import { packWeights, unpackWeights } from "../parameter-layout.ts";
import { maskInput, trainingModel } from "./training-graph.ts";

export interface OnnxEngineOptions {
  /** Where the training graph runs. Default "cpu". */
  readonly provider?: ExecutionProvider;
  /** Threads within one operation on the CPU; onnxruntime's choice, one a core, where it is absent. */
  readonly threads?: number;
}

/** The engine whose training step is an ONNX graph, run by onnxruntime-node. */
export function createOnnxEngine(options: OnnxEngineOptions = {}): TrainingEngine {
  const provider = options.provider ?? "cpu";
  return {
    name: "onnx",
    provider,
    describe: async () => `onnxruntime-node ${onnxruntimeVersion()} on ${provider}`,
    async start(start) {
      const model = encodeModel(trainingModel(start.shape, start.optimiser));
      const session = await openNodeSession(model, provider, options.threads);
      return new OnnxTrainingRun(session, start);
    },
  };
}

type State = Record<"parameters" | "moment1" | "moment2" | "statistics", ort.Tensor>;

class OnnxTrainingRun implements TrainingRun {
  readonly #session: ort.InferenceSession;
  readonly #start: TrainingStart;
  readonly #features: number;
  #masks: DropoutMasks | undefined;
  #maskTensors: Record<string, ort.Tensor> = {};
  #state: State;
  #step = 0;

  constructor(session: ort.InferenceSession, start: TrainingStart) {
    this.#session = session;
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
    const { beta1, beta2 } = this.#start.optimiser;
    const power = (beta: number): Float32Array =>
      Float32Array.from({ length: steps }, (_, i) => 1 - beta ** (this.#step + i + 1));
    const outputs = await this.#session.run({
      ...this.#state,
      ...this.#dropoutInputs(steps, batchSize),
      batches: new ort.Tensor("float32", this.#gather(rows, steps, batchSize), [
        steps,
        this.#features,
        batchSize,
      ]),
      step_size: vector(power(beta1).map((correction) => learningRate / correction)),
      root_correction: vector(power(beta2).map((correction) => 1 / Math.sqrt(correction))),
    });
    this.#step += steps;
    this.#state = {
      parameters: tensor(outputs, "parameters_after"),
      moment1: tensor(outputs, "moment1_after"),
      moment2: tensor(outputs, "moment2_after"),
      statistics: tensor(outputs, "statistics_after"),
    };
    return floats(tensor(outputs, "losses"));
  }

  async weights(): Promise<NetworkWeights> {
    return unpackWeights(this.#start.shape, floats(this.#state.parameters), floats(this.#state.statistics));
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  /** The rows' features as `[steps, features, batch]`. */
  #gather(rows: Uint32Array, steps: number, batchSize: number): Float32Array {
    const width = this.#features;
    const { features } = this.#start;
    const batches = new Float32Array(rows.length * width);
    for (let step = 0; step < steps; step++) {
      const first = step * batchSize * width;
      for (let i = 0; i < batchSize; i++) {
        // rows holds row numbers of the features, so both elements exist.
        const from = (rows[step * batchSize + i] as number) * width;
        for (let k = 0; k < width; k++) batches[first + k * batchSize + i] = features[from + k] as number;
      }
    }
    return batches;
  }

  #dropoutInputs(steps: number, batchSize: number): Record<string, ort.Tensor> {
    this.#masks ??= new DropoutMasks(this.#start.shape, batchSize, this.#start.seed);
    const masks = this.#masks;
    if (masks.layers === 0) return {};
    const { pools, fresh } = masks.pools(steps);
    if (fresh) {
      this.#maskTensors = Object.fromEntries(
        [...pools].map(([layer, pool]) => {
          const shape = [pool.length / masks.width, masks.width];
          return [maskInput(layer), new ort.Tensor("float32", pool, shape)];
        }),
      );
    }
    const offsets = new ort.Tensor("int64", masks.offsets(steps, batchSize), [steps, masks.layers]);
    return { ...this.#maskTensors, mask_offsets: offsets };
  }
}

function vector(values: Float32Array): ort.Tensor {
  return new ort.Tensor("float32", values, [values.length]);
}

function tensor(outputs: ort.InferenceSession.OnnxValueMapType, name: string): ort.Tensor {
  const value = outputs[name];
  if (!(value instanceof ort.Tensor)) throw new Error(`the training graph gave no output ${name}`);
  return value;
}

function floats(value: ort.Tensor): Float32Array {
  if (!(value.data instanceof Float32Array))
    throw new Error(`expected float32, the training graph gave ${value.type}`);
  return value.data;
}
