import {
  COLUMN_ERROR_OUTPUT,
  type DetectorMetadata,
  RECONSTRUCTION_VALUE,
  SCORE_OUTPUT,
} from "@oddflow/detector";
import { exposeValue, type ModelSummary } from "@oddflow/onnx";
import { expectedValues, type FlowRecord, featureCount, OddflowError } from "@oddflow/preprocessing";
import { GraphSession, type ScoringRuntime } from "./graph-session.ts";
import { type ExplainedFlow, findReasons } from "./reason.ts";

/** Whether a model's graph tells what it expects of a flow. */
export function canExplain({ graph }: ModelSummary): boolean {
  const { nodes, outputs } = graph;
  return (
    nodes.some((node) => node.outputs.includes(RECONSTRUCTION_VALUE)) ||
    outputs.some(({ name }) => name === RECONSTRUCTION_VALUE)
  );
}

/** What is said where reasons are wanted of a model whose graph cannot give any. */
export function cannotExplain(cause?: unknown): OddflowError {
  return new OddflowError(
    "MODEL_INVALID",
    `explain: the model's graph has no value "${RECONSTRUCTION_VALUE}", so it cannot tell what it expects; ` +
      "train the model again with this release",
    { cause },
  );
}

/** A detector's graph that also tells what it expects of each flow. */
export class FlowExplainer {
  readonly #metadata: DetectorMetadata;
  readonly #session: GraphSession;

  private constructor(metadata: DetectorMetadata, session: GraphSession) {
    this.#metadata = metadata;
    this.#session = session;
  }

  /** @throws OddflowError MODEL_INVALID when the graph has no reconstruction under its name. */
  static async open(
    model: Uint8Array,
    metadata: DetectorMetadata,
    runtime: ScoringRuntime,
  ): Promise<FlowExplainer> {
    const shape = ["batch", featureCount(metadata.spec)];
    let exposed: Uint8Array;
    try {
      exposed = exposeValue(model, RECONSTRUCTION_VALUE, shape);
    } catch (cause) {
      throw cannotExplain(cause);
    }
    return new FlowExplainer(metadata, await GraphSession.open(exposed, runtime, metadata.spec));
  }

  /** `flows` is row-major `[rows, columns]`, encoded; `records` are what they were encoded from, if they were. */
  async explain(
    flows: Float32Array,
    records: readonly FlowRecord[] | undefined,
    top: number,
  ): Promise<ExplainedFlow[]> {
    const { spec, thresholds } = this.#metadata;
    const width = spec.columns.length;
    const rows = flows.length / width;
    const features = featureCount(spec);
    const scores = new Float32Array(rows);
    const errors = new Float32Array(rows * width);
    const reconstruction = new Float32Array(rows * features);
    await this.#session.run(flows, width, [
      { name: SCORE_OUTPUT, buffer: scores, width: 1 },
      { name: COLUMN_ERROR_OUTPUT, buffer: errors, width },
      { name: RECONSTRUCTION_VALUE, buffer: reconstruction, width: features },
    ]);
    const expected = expectedValues(spec, reconstruction);
    return Array.from(scores, (score, row): ExplainedFlow => {
      const [first, end] = [row * width, (row + 1) * width];
      const flow = {
        values: flows.subarray(first, end),
        expected: expected.subarray(first, end),
        errors: errors.subarray(first, end),
        record: records?.[row],
      };
      return { score, reasons: findReasons(spec.columns, flow, thresholds.columnErrors, top) };
    });
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}
