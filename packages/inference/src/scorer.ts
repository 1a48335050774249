import {
  COLUMN_ERROR_OUTPUT,
  type DetectorMetadata,
  FLOWS_INPUT,
  parseDetectorMetadata,
  readModelSummary,
  SCORE_OUTPUT,
  type ScoreDistribution,
  shareScoringAbove,
  thresholdForBudget,
} from "@oddflow/onnx";
import {
  type ColumnSpec,
  createRecordEncoder,
  type EncodeReport,
  type FlowRecord,
  OddflowError,
} from "@oddflow/preprocessing";
import type { InferenceSession, TensorConstructor } from "onnxruntime-common";

/** Scores from which on a flow counts as an anomaly. */
export interface ScorerThresholds {
  /** The scores of held-back usual flows, from which `forBudget` reads. */
  readonly heldBack: ScoreDistribution;
  /** The score at the best Youden J of the validation part; absent when the model was trained without labels. */
  readonly youden?: number;
  /** The threshold that about the share `budget` (0 to 1) of usual flows reaches. */
  forBudget(budget: number): number;
  /** How rare a score is: the share (0 to 1) of usual flows that score as high or higher. */
  shareAbove(score: number): number;
}

export interface ScoreRequest {
  /** Where the scores go, from its start; a new array where none is given. At least one place a flow. */
  readonly scores?: Float32Array;
  /**
   * `true`, or a buffer of at least flows * columns values, to have the error of every column too, row-major
   * `[flows, columns]`. A column's share of its flow's sum says how much it made the flow odd.
   */
  readonly errors?: boolean | Float32Array;
}

export interface Scores {
  /** How many flows were scored. */
  readonly flows: number;
  /** One score a flow, higher is odder; the array that was given, or a new one. */
  readonly scores: Float32Array;
  /** Present when it was asked for. */
  readonly errors?: Float32Array;
  /** Present when records were scored: unseen categories and missing values. */
  readonly report?: EncodeReport;
}

/** A detector, ready to score flows. */
export interface Scorer {
  /** The columns of a flow, in the order of a row of `flows`. */
  readonly columns: readonly ColumnSpec[];
  readonly thresholds: ScorerThresholds;
  /** How the model came about, as its trainer wrote it down. */
  readonly training: DetectorMetadata["training"];
  /** The execution provider that the session was opened with. */
  readonly provider: string;
  /**
   * Scores any number of flows, 0 included: a row-major `[flows, columns]` float32 array of encoded values (a missing
   * value is NaN, a category its code), or records, which are encoded by the spec in the model.
   * @throws OddflowError FLOWS_SHAPE for a wrong number of columns or a buffer that is too short; what
   * `RecordEncoder.encode` throws, for records. Nothing has been scored then.
   */
  score(flows: Float32Array | readonly FlowRecord[], request?: ScoreRequest): Promise<Scores>;
  /** Frees the session. The scorer cannot be used afterwards. */
  close(): Promise<void>;
}

/** What a runtime (onnxruntime-node, onnxruntime-web) brings to a scorer. */
export interface ScoringRuntime {
  readonly Tensor: TensorConstructor;
  readonly provider: string;
  /** Flows a call: as many as keep one call's activations in the cache, or a GPU busy. */
  readonly batchSize: number;
  openSession(model: Uint8Array): Promise<InferenceSession>;
}

/** Checks a model file and opens it on a runtime. Nothing runs before the checks have passed. */
export async function openScorer(model: Uint8Array, runtime: ScoringRuntime): Promise<Scorer> {
  const metadata = parseDetectorMetadata(readModelSummary(model));
  let session: InferenceSession;
  try {
    session = await runtime.openSession(model);
  } catch (cause) {
    if (cause instanceof OddflowError) throw cause;
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new OddflowError("MODEL_INVALID", `open model: onnxruntime refused the graph: ${reason}`, {
      cause,
    });
  }
  return new SessionScorer(metadata, runtime, session);
}

class SessionScorer implements Scorer {
  readonly columns: readonly ColumnSpec[];
  readonly thresholds: ScorerThresholds;
  readonly training: DetectorMetadata["training"];
  readonly provider: string;
  readonly #runtime: ScoringRuntime;
  readonly #session: InferenceSession;
  #closed = false;
  readonly #encoder: ReturnType<typeof createRecordEncoder>;

  constructor(metadata: DetectorMetadata, runtime: ScoringRuntime, session: InferenceSession) {
    const { heldBack } = metadata.thresholds;
    this.columns = metadata.spec.columns;
    this.thresholds = {
      ...metadata.thresholds,
      forBudget: (budget) => thresholdForBudget(heldBack, budget),
      shareAbove: (score) => shareScoringAbove(heldBack, score),
    };
    this.training = metadata.training;
    this.provider = runtime.provider;
    this.#runtime = runtime;
    this.#session = session;
    this.#encoder = createRecordEncoder(metadata.spec.columns);
  }

  async score(flows: Float32Array | readonly FlowRecord[], request: ScoreRequest = {}): Promise<Scores> {
    if (flows instanceof Float32Array) return this.#scoreMatrix(flows, request);
    if (!Array.isArray(flows)) {
      throw new OddflowError(
        "FLOWS_SHAPE",
        "score: expected a Float32Array of encoded flows or a list of records",
      );
    }
    const encoded = this.#encoder.encode(flows);
    return { ...(await this.#scoreMatrix(encoded.flows, request)), report: encoded.report };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#session.release();
  }

  async #scoreMatrix(flows: Float32Array, request: ScoreRequest): Promise<Scores> {
    if (this.#closed) throw new Error("score: the scorer is closed; open another");
    const width = this.columns.length;
    const rows = flows.length / width;
    if (!Number.isInteger(rows)) {
      throw new OddflowError(
        "FLOWS_SHAPE",
        `score: ${flows.length} values found; expected a multiple of ${width}, the model's number of columns`,
      );
    }
    const scores = buffer("scores", request.scores ?? true, rows);
    const errors = request.errors ? buffer("errors", request.errors, rows * width) : undefined;
    const { Tensor, batchSize } = this.#runtime;
    for (let first = 0; first < rows; first += batchSize) {
      const end = Math.min(first + batchSize, rows);
      const input = new Tensor("float32", flows.subarray(first * width, end * width), [end - first, width]);
      const places = new Map([[SCORE_OUTPUT, scores.subarray(first, end)]]);
      if (errors) places.set(COLUMN_ERROR_OUTPUT, errors.subarray(first * width, end * width));
      // By name, not as tensors to write into: onnxruntime-web leaves those as they were.
      const outputs = await this.#session.run({ [FLOWS_INPUT]: input }, [...places.keys()]);
      for (const [name, place] of places) {
        const data = outputs[name]?.data;
        if (!(data instanceof Float32Array)) throw new Error(`the session gave no float32 output ${name}`);
        place.set(data);
      }
    }
    return { flows: rows, scores, ...(errors ? { errors } : {}) };
  }
}

function buffer(name: string, given: Float32Array | true, length: number): Float32Array {
  if (given === true) return new Float32Array(length);
  if (given.length < length) {
    throw new OddflowError(
      "FLOWS_SHAPE",
      `score: the buffer for ${name} holds ${given.length} values, ${length} expected`,
    );
  }
  return given;
}
