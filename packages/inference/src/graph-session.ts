import { FLOWS_INPUT } from "@oddflow/detector";
import { OddflowError, type PreprocessingSpec } from "@oddflow/preprocessing";
import type { InferenceSession, Tensor, TensorConstructor } from "onnxruntime-common";
import { type ParallelRows, type PlannedRun, parallelRows, planRuns } from "./run-plan.ts";

/** What a runtime (onnxruntime-node, onnxruntime-web) brings to a scorer. */
export interface ScoringRuntime {
  readonly Tensor: TensorConstructor;
  readonly provider: string;
  /** Flows a run: as many as keep one run's activations in the cache, or a GPU busy. */
  readonly batchSize: number;
  /** On the CPU, a session whose operations one thread runs. */
  openSession(model: Uint8Array): Promise<InferenceSession>;
  /** For calls with many flows, on the CPU; absent where no more than one thread is wanted. */
  readonly parallel?: {
    /** Threads within one operation; 2 or more. */
    readonly threads: number;
    readonly batchSize: number;
    openSession(model: Uint8Array): Promise<InferenceSession>;
  };
}

/** An output of the graph, and where its rows are written. */
export interface OutputBuffer {
  readonly name: string;
  /** Row-major `[rows, width]`; may be longer. */
  readonly buffer: Float32Array;
  readonly width: number;
}

/**
 * The session of several threads is opened when so many flows have come in calls that are large enough for it: by then, about, it has won
 * back what opening it takes. A short table is over before.
 */
const FLOWS_WORTH_THREADS = 16_384;

/** A graph with the input `flows`, opened on a runtime. What it gives for a flow hangs on nothing but that flow. */
export class GraphSession {
  readonly #model: Uint8Array;
  readonly #runtime: ScoringRuntime;
  readonly #session: InferenceSession;
  readonly #parallelRows: ParallelRows | undefined;
  /** Of a former call, to be filled again: a call with one flow takes long enough without making one. */
  #filled: Tensor | undefined;
  #parallelSession: Promise<InferenceSession> | undefined;
  /** Flows of calls that were large enough for several threads, as long as there is no session of several. */
  #flowsForThreads = 0;

  private constructor(
    model: Uint8Array,
    runtime: ScoringRuntime,
    session: InferenceSession,
    spec: PreprocessingSpec,
  ) {
    const { parallel } = runtime;
    const narrowest = narrowestLogarithm(spec);
    this.#model = model;
    this.#runtime = runtime;
    this.#session = session;
    this.#parallelRows = parallel && parallelRows(parallel.threads, narrowest, parallel.batchSize);
  }

  /** @throws OddflowError MODEL_INVALID when the runtime refuses the graph; what the runtime itself refuses. */
  static async open(
    model: Uint8Array,
    runtime: ScoringRuntime,
    spec: PreprocessingSpec,
  ): Promise<GraphSession> {
    try {
      return new GraphSession(model, runtime, await runtime.openSession(model), spec);
    } catch (cause) {
      throw refusal("open model: onnxruntime refused the graph", cause);
    }
  }

  /** Flows that go through the graph at once. */
  get batchSize(): number {
    return this.#parallelRows?.most ?? this.#runtime.batchSize;
  }

  /**
   * Runs flows, row-major `[rows, width]`, through the graph, a batch at a time, and copies the outputs asked for.
   * @throws OddflowError MODEL_INVALID when the runtime cannot run the graph or an output has another size;
   * SCORE_NOT_FINITE, with the row counted from `firstRow`, when an output is no finite number. Buffers may have been written to.
   */
  async run(
    flows: Float32Array,
    width: number,
    outputs: readonly OutputBuffer[],
    firstRow = 0,
  ): Promise<void> {
    const rows = flows.length / width;
    for (const run of planRuns(rows, this.#parallelRowsOf(rows), this.#runtime.batchSize)) {
      await this.#runOnce(run, flows, width, outputs, firstRow);
    }
  }

  async #runOnce(
    { first, rows, filledRows, parallel }: PlannedRun,
    flows: Float32Array,
    width: number,
    outputs: readonly OutputBuffer[],
    firstRow: number,
  ): Promise<void> {
    // By name, not as tensors to write into: onnxruntime-web leaves those as they were.
    const names = outputs.map(({ name }) => name);
    const given = flows.subarray(first * width, (first + rows) * width);
    const input =
      rows === filledRows
        ? new this.#runtime.Tensor("float32", given, [rows, width])
        : this.#fillUp(given, filledRows, width);
    let values: InferenceSession.OnnxValueMapType;
    try {
      const session = parallel ? await this.#openParallel() : this.#session;
      values = await session.run({ [FLOWS_INPUT]: input }, names);
    } catch (cause) {
      throw refusal("score: onnxruntime could not run the model's graph", cause);
    }
    if (rows !== filledRows) this.#filled = input;
    for (const { name, width: wide, buffer } of outputs) {
      const { data, dims = [] } = values[name] ?? {};
      if (!(data instanceof Float32Array) || dims[0] !== filledRows || data.length !== filledRows * wide) {
        throw new OddflowError(
          "MODEL_INVALID",
          `score: the model's output "${name}" is [${dims.join(", ")}] for ${filledRows} flows, ${wide} values for each expected`,
        );
      }
      const kept = data.subarray(0, rows * wide);
      checkFinite(name, kept, wide, firstRow + first);
      buffer.set(kept, first * wide);
    }
  }

  /** A tensor of the values with missing ones behind them; nobody else's until it is kept again. */
  #fillUp(given: Float32Array, filledRows: number, width: number): Tensor {
    const kept = this.#filled;
    this.#filled = undefined;
    const values =
      kept?.dims[0] === filledRows && kept.data instanceof Float32Array
        ? kept.data
        : new Float32Array(filledRows * width);
    values.set(given);
    values.fill(Number.NaN, given.length);
    return values === kept?.data ? kept : new this.#runtime.Tensor("float32", values, [filledRows, width]);
  }

  /** Undefined where one thread is to run a call of so many flows. */
  #parallelRowsOf(rows: number): ParallelRows | undefined {
    const parallel = this.#parallelRows;
    if (parallel === undefined || rows < parallel.least || this.#parallelSession !== undefined)
      return parallel;
    this.#flowsForThreads += rows;
    return this.#flowsForThreads < FLOWS_WORTH_THREADS ? undefined : parallel;
  }

  /** Opened when a call needs it: most programs score few flows a call. */
  #openParallel(): Promise<InferenceSession> {
    this.#parallelSession ??= (this.#runtime.parallel ?? this.#runtime).openSession(this.#model);
    return this.#parallelSession;
  }

  async release(): Promise<void> {
    const parallel = this.#parallelSession;
    this.#parallelSession = undefined;
    try {
      await this.#session.release();
    } finally {
      await parallel?.then(
        (session) => session.release(),
        () => undefined,
      );
    }
  }
}

/** The fewest values a flow has in one of the graph's logarithms: those of its numbers, and a column error each. */
function narrowestLogarithm({ columns }: PreprocessingSpec): number {
  const numbers = columns.filter((column) => column.kind === "number" && column.transform === "signed-log1p");
  return numbers.length > 0 ? numbers.length : columns.length;
}

function refusal(what: string, cause: unknown): OddflowError {
  if (cause instanceof OddflowError) return cause;
  const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
  return new OddflowError("MODEL_INVALID", `${what}: ${reason}`, { cause });
}

/** Not a number is not below a threshold either: it would pass for a usual flow. */
function checkFinite(name: string, values: Float32Array, width: number, firstRow: number): void {
  for (let place = 0; place < values.length; place++) {
    if (Number.isFinite(values[place])) continue;
    const row = firstRow + Math.floor(place / width);
    throw new OddflowError(
      "SCORE_NOT_FINITE",
      `score: flow ${row}: the model gives ${values[place]} as its ${name}, expected a finite number; train the model again`,
      { row },
    );
  }
}
