import { FLOWS_INPUT } from "@oddflow/onnx";
import { OddflowError } from "@oddflow/preprocessing";
import type { InferenceSession, TensorConstructor } from "onnxruntime-common";

/** What a runtime (onnxruntime-node, onnxruntime-web) brings to a scorer. */
export interface ScoringRuntime {
  readonly Tensor: TensorConstructor;
  readonly provider: string;
  /** Flows a call: as many as keep one call's activations in the cache, or a GPU busy. */
  readonly batchSize: number;
  openSession(model: Uint8Array): Promise<InferenceSession>;
}

/** An output of the graph, and where its rows are written. */
export interface OutputBuffer {
  readonly name: string;
  /** Row-major `[rows, width]`; may be longer. */
  readonly buffer: Float32Array;
  readonly width: number;
}

/** A graph with the input `flows`, opened on a runtime. */
export class GraphSession {
  readonly #runtime: ScoringRuntime;
  readonly #session: InferenceSession;

  private constructor(runtime: ScoringRuntime, session: InferenceSession) {
    this.#runtime = runtime;
    this.#session = session;
  }

  /** @throws OddflowError MODEL_INVALID when the runtime refuses the graph; what the runtime itself refuses. */
  static async open(model: Uint8Array, runtime: ScoringRuntime): Promise<GraphSession> {
    try {
      return new GraphSession(runtime, await runtime.openSession(model));
    } catch (cause) {
      if (cause instanceof OddflowError) throw cause;
      const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
      throw new OddflowError("MODEL_INVALID", `open model: onnxruntime refused the graph: ${reason}`, {
        cause,
      });
    }
  }

  /** Runs flows, row-major `[rows, width]`, through the graph, a batch at a time, and copies the outputs asked for. */
  async run(flows: Float32Array, width: number, outputs: readonly OutputBuffer[]): Promise<void> {
    const { Tensor, batchSize } = this.#runtime;
    const names = outputs.map(({ name }) => name);
    const rows = flows.length / width;
    for (let first = 0; first < rows; first += batchSize) {
      const end = Math.min(first + batchSize, rows);
      const input = new Tensor("float32", flows.subarray(first * width, end * width), [end - first, width]);
      // By name, not as tensors to write into: onnxruntime-web leaves those as they were.
      const values = await this.#session.run({ [FLOWS_INPUT]: input }, names);
      for (const output of outputs) {
        const data = values[output.name]?.data;
        if (!(data instanceof Float32Array))
          throw new Error(`the session gave no float32 output ${output.name}`);
        output.buffer.set(data, first * output.width);
      }
    }
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}
