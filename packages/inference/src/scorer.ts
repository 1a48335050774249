import {
  COLUMN_ERROR_OUTPUT,
  DEFAULT_BUDGET,
  type DetectorMetadata,
  parseDetectorMetadata,
  SCORE_OUTPUT,
  type ScoreDistribution,
  scoreRarity,
  thresholdForBudget,
} from "@oddflow/detector";
import { readModelSummary } from "@oddflow/onnx";
import {
  type ColumnSpec,
  type ContextSpec,
  checkRange,
  createRecordEncoder,
  type EncodeReport,
  type FlowRecord,
  OddflowError,
  type OptionRange,
  ownColumns,
} from "@oddflow/preprocessing";
import { canExplain, FlowExplainer } from "./flow-explainer.ts";
import { GraphSession, type ScoringRuntime } from "./graph-session.ts";
import { checkTrust, type VerifySignature } from "./model-trust.ts";
import type { ExplainedFlow } from "./reason.ts";

/** Scores from which on a flow counts as an anomaly. */
export interface ScorerThresholds {
  /** The scores of held-back usual flows, from which `forBudget` reads. */
  readonly heldBack: ScoreDistribution;
  /** The score at the best Youden J of the validation part; absent when the model was trained without labels. */
  readonly youden?: number;
  /** The threshold that about the share `budget` (0 to 1; 1 % where none is given) of usual flows reaches. */
  forBudget(budget?: number): number;
  /** How rare a score is: the share (0 to 1) of usual flows that score as high or higher. */
  rarityOf(score: number): number;
}

/** Where scores go, and what is wanted beside them. */
export interface ScoreOptions {
  /** Where the scores go, from its start; a new array where none is given. At least one place a flow. */
  readonly scores?: Float32Array;
  /**
   * `true`, or a buffer of at least flows * columns values, to have the error of every column too, row-major
   * `[flows, columns]`. A column's share of its flow's sum says how much it made the flow odd.
   */
  readonly errors?: boolean | Float32Array;
  /** The first flow's number where the flows came from, 0 where it is absent: an error names a flow by its number there. */
  readonly firstRow?: number;
}

/** What came of flows that were scored at once. */
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

/** How many columns can be named for a flow. */
const TOP: OptionRange = { from: 1, whole: true };

/** How much is to be said of each flow. */
export interface ExplainRequest {
  /** How many columns to name for each flow; 1 or more. */
  readonly top: number;
  /** What encoded flows were encoded from, where that is at hand: reasons show it. */
  readonly records?: readonly FlowRecord[] | undefined;
}

/** A detector, ready to score flows. */
export interface Scorer {
  /** The columns of a flow, in the order of a row of `flows`. */
  readonly columns: readonly ColumnSpec[];
  /** Those that a flow has by itself, which come first; the others are `contextColumns(context)`. */
  readonly ownColumns: readonly ColumnSpec[];
  /** What the other columns are counted from; undefined where there are none. */
  readonly context: ContextSpec | undefined;
  readonly thresholds: ScorerThresholds;
  /** How the model came about, as its trainer wrote it down. */
  readonly training: DetectorMetadata["training"];
  /** Whether the model tells what it expects, so that `explain` can say why a flow is odd. */
  readonly explains: boolean;
  /** The execution provider that the session was opened with. */
  readonly provider: string;
  /** Flows that go through the model at once; whoever gathers flows does best to gather as many. */
  readonly batchSize: number;
  /**
   * Scores any number of flows, 0 included: a row-major `[flows, columns]` float32 array of encoded values (a missing
   * value is NaN, a category its code), or records, which are encoded by the spec in the model; not for a model that sees
   * flows in their context, whose columns a `ContextEncoder` makes.
   * @throws OddflowError FLOWS_SHAPE for a wrong number of columns, a buffer that is too short, or such records; what
   * `RecordEncoder.encode` throws, for records. Nothing has been scored then. SCORE_NOT_FINITE, with the row, where the
   * model gives no finite score for a flow; MODEL_INVALID where its graph cannot be run.
   */
  score(flows: Float32Array | readonly FlowRecord[], request?: ScoreOptions): Promise<Scores>;
  /**
   * Scores flows as `score` does and says which columns made each odd, with the value seen, the value expected and how
   * unusual that is. Meant for the flows that somebody looks at: it costs more than a score, and its first call opens a
   * second session, which `close` frees.
   * @throws OddflowError MODEL_INVALID when the model file does not tell what it expects (also for no flows at all, see `explains`);
   * OPTION_RANGE for a `top` that is no whole number of 1 or more; what `score` throws.
   */
  explain(flows: Float32Array | readonly FlowRecord[], request: ExplainRequest): Promise<ExplainedFlow[]>;
  /** Frees the session. The scorer cannot be used afterwards. */
  close(): Promise<void>;
}

/** Who must have signed a model. */
export interface Trust {
  /** One or more Ed25519 public keys in PEM. */
  readonly publicKeys: string;
  readonly verify: VerifySignature;
}

/** Checks a model file and opens it on a runtime. Nothing runs before the checks have passed. */
export async function openScorer(
  model: Uint8Array,
  runtime: ScoringRuntime,
  trust: Trust | undefined,
): Promise<Scorer> {
  const summary = readModelSummary(model);
  if (trust !== undefined) await checkTrust(summary, trust.publicKeys, trust.verify);
  const metadata = parseDetectorMetadata(summary);
  const session = await GraphSession.open(model, runtime, metadata.spec);
  try {
    return new SessionScorer(model, metadata, runtime, session, canExplain(summary));
  } catch (error) {
    await session.release();
    throw error;
  }
}

class SessionScorer implements Scorer {
  readonly columns: readonly ColumnSpec[];
  readonly ownColumns: readonly ColumnSpec[];
  readonly context: ContextSpec | undefined;
  readonly thresholds: ScorerThresholds;
  readonly training: DetectorMetadata["training"];
  readonly explains: boolean;
  readonly provider: string;
  readonly batchSize: number;
  readonly #encoder: ReturnType<typeof createRecordEncoder>;
  readonly #session: GraphSession;
  readonly #openExplainer: () => Promise<FlowExplainer>;
  #explainer: Promise<FlowExplainer> | undefined;
  #closed = false;

  constructor(
    model: Uint8Array,
    metadata: DetectorMetadata,
    runtime: ScoringRuntime,
    session: GraphSession,
    explains: boolean,
  ) {
    const { heldBack } = metadata.thresholds;
    this.columns = metadata.spec.columns;
    this.ownColumns = ownColumns(metadata.spec);
    this.context = metadata.spec.context;
    this.thresholds = {
      ...metadata.thresholds,
      forBudget: (budget = DEFAULT_BUDGET) => thresholdForBudget(heldBack, budget),
      rarityOf: (score) => scoreRarity(heldBack, score),
    };
    this.training = metadata.training;
    this.explains = explains;
    this.provider = runtime.provider;
    this.batchSize = session.batchSize;
    this.#encoder = createRecordEncoder(metadata.spec.columns);
    this.#session = session;
    this.#openExplainer = () => FlowExplainer.open(model, metadata, runtime);
  }

  async score(flows: Float32Array | readonly FlowRecord[], request: ScoreOptions = {}): Promise<Scores> {
    if (flows instanceof Float32Array) return this.#scoreMatrix(flows, request);
    const encoded = this.#encoder.encode(this.#checkRecords("score", flows));
    return { ...(await this.#scoreMatrix(encoded.flows, request)), report: encoded.report };
  }

  async explain(
    flows: Float32Array | readonly FlowRecord[],
    { top, records: given }: ExplainRequest,
  ): Promise<ExplainedFlow[]> {
    checkRange("explain: top", top, TOP);
    const records = flows instanceof Float32Array ? given : this.#checkRecords("explain", flows);
    const matrix = flows instanceof Float32Array ? flows : this.#encoder.encode(flows).flows;
    this.#checkRows("explain", matrix);
    this.#explainer ??= this.#openExplainer();
    return (await this.#explainer).explain(matrix, records, top);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#session.release();
    } finally {
      await this.#explainer?.then(
        (explainer) => explainer.release(),
        () => undefined,
      );
    }
  }

  async #scoreMatrix(flows: Float32Array, request: ScoreOptions): Promise<Scores> {
    const rows = this.#checkRows("score", flows);
    const width = this.columns.length;
    const scores = buffer("scores", request.scores ?? true, rows);
    const errors = request.errors ? buffer("errors", request.errors, rows * width) : undefined;
    const outputs = [{ name: SCORE_OUTPUT, buffer: scores, width: 1 }];
    if (errors) outputs.push({ name: COLUMN_ERROR_OUTPUT, buffer: errors, width });
    await this.#session.run(flows, width, outputs, request.firstRow);
    return { flows: rows, scores, ...(errors ? { errors } : {}) };
  }

  #checkRecords(operation: string, flows: unknown): readonly FlowRecord[] {
    if (!Array.isArray(flows)) {
      throw new OddflowError(
        "FLOWS_SHAPE",
        `${operation}: expected a Float32Array of encoded flows or a list of records`,
      );
    }
    if (this.context === undefined) return flows;
    throw new OddflowError(
      "FLOWS_SHAPE",
      `${operation}: records found, and the model sees flows in their context, which hangs on those before them; ` +
        "encode them in their order, the context's columns with one ContextEncoder of @oddflow/preprocessing, and score the encoded flows",
    );
  }

  #checkRows(operation: string, flows: Float32Array): number {
    if (this.#closed) throw new Error(`${operation}: the scorer is closed; open another`);
    const width = this.columns.length;
    const rows = flows.length / width;
    if (Number.isInteger(rows)) return rows;
    throw new OddflowError(
      "FLOWS_SHAPE",
      `${operation}: ${flows.length} values found; expected a multiple of ${width}, the model's number of columns`,
    );
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
