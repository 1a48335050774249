import {
  encodeModel,
  type Graph,
  GraphBuilder,
  PORTABLE_PRODUCER,
  readGraph,
  readModelSummary,
  type ValueInfo,
} from "@oddflow/onnx";
import { checkRange, OddflowError, ownColumns } from "@oddflow/preprocessing";
import { BUDGET, thresholdForBudget } from "../alert-budget.ts";
import {
  COLUMN_ERROR_OUTPUT,
  FLOWS_INPUT,
  OPSET,
  parseDetectorMetadata,
  SCORE_OUTPUT,
} from "../detector-metadata.ts";
import type { Thresholds } from "../thresholds.ts";
import { addColumnInputs, columnInputs, type InputRank } from "./column-inputs.ts";
import { addProbability } from "./probability-graph.ts";

/** What a model for other platforms is to take and to give. */
export interface PortableOptions {
  /** "columns": one input a column, by its name. "flows": the model's own, float32 `[batch, columns]`, categories as codes. */
  readonly inputs: "columns" | "flows";
  /** Of the inputs of columns. */
  readonly rank: InputRank;
  /** The share of usual flows, 0 to 1, that may be an anomaly. */
  readonly budget: number;
  /** Whether `column_error` is an output, too: some platforms take one value a flow of each output only. */
  readonly columnErrors: boolean;
  /**
   * Whether columns are to have names of letters, digits and underscores alone, that differ in more than case from each other and
   * from the outputs'.
   */
  readonly identifiers: boolean;
}

/** An input or an output of a portable model. */
export interface PortableValue {
  readonly name: string;
  /** NaN is a missing float32, an empty text a missing text. */
  readonly type: "float32" | "text" | "bool";
  /** How many there are a flow; absent for an input of rank 1, which has one. */
  readonly values?: number;
}

/** A model that other platforms run as it is. */
export interface PortableModel {
  /** The bytes of an ONNX file of IR version 8 and opset 17; with text columns also ai.onnx.ml, version 2. */
  readonly bytes: Uint8Array;
  readonly inputs: readonly PortableValue[];
  /** In the file's order: `score`, `probability`, `is_anomaly` and, where it is asked for, `column_error`. */
  readonly outputs: readonly PortableValue[];
  /** The score from which on a flow is an anomaly. */
  readonly threshold: number;
  /** The columns behind those that a flow has by itself: what it is counted in. None where it is looked at alone. */
  readonly contextColumns: readonly string[];
}

const PROBABILITY_OUTPUT = "probability";
const ANOMALY_OUTPUT = "is_anomaly";
const OUTPUTS = [SCORE_OUTPUT, PROBABILITY_OUTPUT, ANOMALY_OUTPUT, COLUMN_ERROR_OUTPUT];

/** The metadata that says what a portable model was made of. */
const SOURCE_KEY = "oddflow.exported";

/**
 * Makes of a model file one that needs nothing of Oddflow's: its inputs are a flow's columns as they are, its outputs `score`, the
 * same to the last bit, `probability`, the share of usual flows that score as high, and `is_anomaly`.
 * @throws OddflowError what `parseDetectorMetadata` throws; MODEL_INVALID where a column has the name of an output,
 * or none; OPTION_RANGE.
 */
export function makePortable(model: Uint8Array, options: PortableOptions): PortableModel {
  checkRange("export model: the budget", options.budget, BUDGET);
  const summary = readModelSummary(model);
  const { spec, thresholds } = parseDetectorMetadata(summary);
  const width = spec.columns.length;
  const columns = columnInputs(spec.columns, OUTPUTS, options.identifiers);
  const prefix = unusedPrefix(columns.map(({ name }) => name));
  const graph = new GraphBuilder(`${prefix}portable`);
  const flows =
    options.inputs === "flows"
      ? graph.input(FLOWS_INPUT, "float32", ["batch", width])
      : addColumnInputs(graph, columns, options.rank);
  const inner = (name: string): string =>
    name === FLOWS_INPUT ? flows : name === "" ? "" : `${prefix}${name}`;
  graph.include(renamed(readGraph(model), inner));
  const threshold = thresholdForBudget(thresholds.heldBack, options.budget);
  addOutputs(graph, thresholds, threshold, inner(SCORE_OUTPUT));
  if (options.columnErrors) {
    graph.node("Identity", [inner(COLUMN_ERROR_OUTPUT)], {}, COLUMN_ERROR_OUTPUT);
    graph.output(COLUMN_ERROR_OUTPUT, "float32", ["batch", width]);
  }
  const built = graph.build();
  checkNames(built);
  const names = spec.columns.map(({ name }) => name);
  const contextColumns = names.slice(ownColumns(spec).length);
  const { digest } = summary;
  const source = { digest, budget: options.budget, threshold, columns: names, contextColumns };
  return {
    bytes: encodeModel({
      graph: built,
      opset: OPSET,
      producer: PORTABLE_PRODUCER,
      metadata: new Map([[SOURCE_KEY, JSON.stringify(source)]]),
    }),
    inputs: built.inputs.map(portableValue),
    outputs: built.outputs.map(portableValue),
    threshold,
    contextColumns,
  };
}

/** Adds all outputs that come from the score, `[batch]`. */
function addOutputs(graph: GraphBuilder, { heldBack }: Thresholds, threshold: number, scores: string): void {
  const shape = ["batch", 1];
  const score = graph.node("Unsqueeze", [scores, graph.integers([1])], {}, SCORE_OUTPUT);
  graph.output(score, "float32", shape);
  graph.output(addProbability(graph, heldBack, score, PROBABILITY_OUTPUT), "float32", shape);
  // A score is a float32. Where the threshold's nearest is below it, only those above that one reach it.
  const comparison = Math.fround(threshold) < threshold ? "Greater" : "GreaterOrEqual";
  graph.output(graph.node(comparison, [score, graph.scalar(threshold)], {}, ANOMALY_OUTPUT), "bool", shape);
}

function portableValue({ name, type, shape }: ValueInfo): PortableValue {
  if (type === "int64") throw new Error("export model: no input or output is of integers");
  const values = shape[1];
  return { name, type, ...(typeof values === "number" ? { values } : {}) };
}

function checkNames({ inputs, outputs }: Graph): void {
  const taken = inputs.find(({ name }) => outputs.some((output) => output.name === name));
  if (taken !== undefined) {
    throw new OddflowError(
      "MODEL_INVALID",
      `export model: its column "${taken.name}" has the name of an output; rename the column in the flows and train anew`,
    );
  }
  if (inputs.some(({ name }) => name === "")) {
    throw new OddflowError(
      "MODEL_INVALID",
      "export model: a column has no name, and an input needs one; name the column in the flows and train anew",
    );
  }
}

/** Names that begin with it are no column's. */
function unusedPrefix(columns: readonly string[]): string {
  let prefix = "oddflow/";
  while (columns.some((name) => name.startsWith(prefix))) prefix += "/";
  return prefix;
}

function renamed(graph: Graph, name: (former: string) => string): Graph {
  return {
    ...graph,
    initializers: graph.initializers.map((each) => ({ ...each, name: name(each.name) })),
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(name),
      outputs: node.outputs.map(name),
    })),
  };
}
