import { GraphBuilder, type Model } from "@oddflow/onnx";
import type { OptimiserOptions } from "../engine.ts";
import { type LayerShape, NORMALISATION_MOMENTUM } from "../network.ts";
import { type ParameterLayout, type ParameterTensor, parameterLayout } from "../parameter-layout.ts";
import { addBackward } from "./backward-graph.ts";
import { type AddNormalisation, normaliseAnywhere, normaliseOnCpu } from "./batch-normalisation.ts";
import { addForward, type ForwardValues } from "./forward-graph.ts";

/** The operator set of the graph: the first that has LayerNormalization. */
const OPSET = 17;

/** What runs a graph: its kernels decide how it is put together. */
export type Hardware = "cpu" | "gpu";

interface Kernels {
  readonly addNormalisation: AddNormalisation;
  /** Parts that one Split may make. */
  readonly mostTensors: number;
}

const KERNELS: Readonly<Record<Hardware, Kernels>> = {
  cpu: { addNormalisation: normaliseOnCpu, mostTensors: Infinity },
  // WebGPU promises 8 buffers to a kernel, and one of them is read.
  gpu: { addNormalisation: normaliseAnywhere, mostTensors: 7 },
};

/**
 * Many training steps as one graph: a Loop whose body is forward, backward, Adam and the running statistics.
 *
 * Activations lie as `[units, batch]`, so that batch normalisation goes along the last axis, the axis that kernels are
 * written for, and sums over the batch are products with a vector of ones.
 *
 * Inputs: `batches` float32 `[steps, features, batch]`; `parameters`, `moment1`, `moment2` and `statistics` (see
 * `ParameterLayout`), the moments without Adam's factors 1 - beta; `step_size` and `denominator_floor` float32 `[steps]`
 * (see `adamSteps`); and, with dropout, `mask_offsets` int64 `[steps, dropout layers]`
 * and one `masks_<layer>` float32 `[units, pool]` a dropout layer, holding 0 or 1 / (1 - rate).
 * Outputs: the four vectors after the steps, and `losses` float32 `[steps]`.
 */
export function trainingModel(
  shape: readonly LayerShape[],
  optimiser: OptimiserOptions,
  hardware: Hardware,
): Model {
  const plan = trainingPlan(shape, optimiser, hardware);
  const graph = new GraphBuilder("training");
  const sizes = addInputs(graph, plan, "steps");
  const steps = graph.node("Gather", [sizes, graph.integers([0], [])]);
  const state = stateNames(plan.layout);
  graph.nodes(
    "Loop",
    [steps, "", ...state.map(({ name }) => name)],
    [...state.map(({ name }) => `${name}_after`), "losses"],
    { body: loopBody(plan) },
  );
  return finish(graph, plan, "steps");
}

/**
 * One training step as one graph without a Loop, with the inputs and outputs of `trainingModel`, of which it takes the
 * first step only. For a provider that has no Loop of its own: the state of a Loop would be copied to the host and back
 * at every step.
 */
export function trainingStepModel(
  shape: readonly LayerShape[],
  optimiser: OptimiserOptions,
  hardware: Hardware,
): Model {
  const plan = trainingPlan(shape, optimiser, hardware);
  const graph = new GraphBuilder("training");
  addInputs(graph, plan, 1);
  const state = stateNames(plan.layout);
  for (const { name } of state) graph.node("Identity", [name], {}, `${name}_now`);
  addStep(graph, plan, graph.integers([0], []));
  for (const { name } of state) graph.node("Identity", [`${name}_next`], {}, `${name}_after`);
  graph.node("Unsqueeze", ["loss", graph.integers([0])], {}, "losses");
  return finish(graph, plan, 1);
}

/** The vectors that a step reads and writes anew, each the input `<name>` and the output `<name>_after`. */
export const STATE = ["parameters", "moment1", "moment2", "statistics"] as const;

interface TrainingPlan {
  readonly kernels: Kernels;
  readonly shape: readonly LayerShape[];
  readonly optimiser: OptimiserOptions;
  readonly layout: ParameterLayout;
  readonly dropoutLayers: readonly number[];
}

function trainingPlan(
  shape: readonly LayerShape[],
  optimiser: OptimiserOptions,
  hardware: Hardware,
): TrainingPlan {
  const dropoutLayers = shape.flatMap((layer, index) => (layer.dropout > 0 ? [index] : []));
  return { kernels: KERNELS[hardware], shape, optimiser, layout: parameterLayout(shape), dropoutLayers };
}

/** Adds the inputs and what depends on the batch's size; returns the name of the sizes of `batches`. */
function addInputs(graph: GraphBuilder, plan: TrainingPlan, steps: "steps" | 1): string {
  const { shape, layout, dropoutLayers } = plan;
  const features = shape[0]?.inputs ?? 0;
  const batches = graph.input("batches", "float32", [steps, features, "batch"]);
  for (const { name, size } of stateNames(layout)) graph.input(name, "float32", [size]);
  graph.input("step_size", "float32", [steps]);
  graph.input("denominator_floor", "float32", [steps]);
  if (dropoutLayers.length > 0) graph.input("mask_offsets", "int64", [steps, dropoutLayers.length]);
  for (const layer of dropoutLayers) {
    graph.input(maskInput(layer), "float32", [shape[layer]?.outputs ?? 0, "pool"]);
  }
  const sizes = graph.node("Shape", [batches]);
  const batch = graph.node("Gather", [sizes, graph.integers([2])], {}, "batch_size");
  addBatchConstants(graph, batch, features);
  return sizes;
}

function finish(graph: GraphBuilder, { layout }: TrainingPlan, steps: "steps" | 1): Model {
  for (const { name, size } of stateNames(layout)) graph.output(`${name}_after`, "float32", [size]);
  graph.output("losses", "float32", [steps]);
  return { graph: graph.build(), opset: OPSET, producer: "oddflow", metadata: new Map() };
}

/** The name of the input that holds a layer's pool of dropout masks. */
export function maskInput(layer: number): string {
  return `masks_${layer}`;
}

function stateNames(layout: ParameterLayout): { name: (typeof STATE)[number]; size: number }[] {
  return STATE.map((name) => ({
    name,
    size: name === "statistics" ? 2 * layout.normalisedUnits : layout.parameters,
  }));
}

/** What depends on the batch's size only; the body reads these by name. */
function addBatchConstants(graph: GraphBuilder, batch: string, features: number): void {
  const one = graph.scalar(1);
  const count = graph.node("Cast", [batch], { to: 1 });
  graph.node("Div", [graph.scalar(-1), count], {}, "minus_inverse_batch");
  graph.node("Div", [count, graph.node("Sub", [count, one])], {}, "unbiased_factor");
  const values = graph.node("Mul", [count, graph.scalar(features)]);
  graph.node("Div", [one, values], {}, "inverse_values");
  graph.node("Div", [graph.scalar(2), values], {}, "loss_gradient");
  graph.node("Expand", [one, batch], {}, "ones");
  graph.node("Unsqueeze", ["ones", graph.integers([1])], {}, "ones_column");
}

function loopBody(plan: TrainingPlan): ReturnType<GraphBuilder["build"]> {
  const body = new GraphBuilder("step");
  const step = body.input("step", "int64", []);
  const condition = body.input("condition", "bool", []);
  const state = stateNames(plan.layout);
  for (const { name, size } of state) body.input(`${name}_now`, "float32", [size]);
  addStep(body, plan, step);
  body.node("Identity", [condition], {}, "condition_after");
  body.output("condition_after", "bool", []);
  for (const { name, size } of state) body.output(`${name}_next`, "float32", [size]);
  body.output("loss", "float32", []);
  return body.build();
}

/** Adds one step: from `<state>_now` to `<state>_next` and `loss`. `step` names the step's number. */
function addStep(body: GraphBuilder, plan: TrainingPlan, step: string): void {
  const { kernels, shape, layout, optimiser, dropoutLayers } = plan;
  const input = body.node("Gather", ["batches", step], { axis: 0 });
  const parameters = splitParameters(body, layout, kernels.mostTensors);
  const masks = sliceMasks(body, step, dropoutLayers);
  const forward = addForward(body, shape, kernels.addNormalisation, parameters, masks, input);
  const squares = body.node("Mul", [forward.difference, forward.difference]);
  const sum = body.node("ReduceSum", [squares], { keepdims: 0 });
  body.node("Mul", [sum, body.node("Squeeze", ["inverse_values"])], {}, "loss");
  const gradients = addBackward(body, shape, parameters, forward);
  const gradient = body.node(
    "Concat",
    layout.tensors.map(({ layer, role }) => {
      const gradientOf = gradients.get(`${role}_${layer}`) ?? "";
      // Those of vectors are vectors.
      return role === "weights" ? body.node("Reshape", [gradientOf, body.integers([-1])]) : gradientOf;
    }),
    { axis: 0 },
  );
  addAdam(body, optimiser, gradient, step);
  addRunningStatistics(body, forward);
}

/** Cuts the parameter vector into its tensors, by `role_layer`; in two rounds where one Split cannot make them all. */
function splitParameters(
  body: GraphBuilder,
  layout: ParameterLayout,
  mostTensors: number,
): ReadonlyMap<string, string> {
  const most = Math.min(mostTensors, layout.tensors.length);
  const groups = Array.from({ length: Math.ceil(layout.tensors.length / most) }, (_, group) =>
    layout.tensors.slice(group * most, (group + 1) * most),
  );
  const groupNames =
    groups.length === 1 ? ["parameters_now"] : groups.map((_, group) => `parameters_${group}`);
  if (groups.length > 1) {
    const sizes = groups.map((tensors) => tensors.reduce((sum, { size }) => sum + size, 0));
    split(body, "parameters_now", sizes, groupNames);
  }
  const name = ({ layer, role }: ParameterTensor): string => `${role}_${layer}`;
  const flat = (tensor: ParameterTensor): string =>
    tensor.shape.length === 1 ? name(tensor) : `${name(tensor)}_flat`;
  for (const [group, tensors] of groups.entries()) {
    split(
      body,
      groupNames[group] ?? "",
      tensors.map(({ size }) => size),
      tensors.map(flat),
    );
  }
  return new Map(
    layout.tensors.map((tensor) => {
      if (tensor.shape.length > 1) {
        body.node("Reshape", [flat(tensor), body.integers(tensor.shape)], {}, name(tensor));
      }
      return [name(tensor), name(tensor)];
    }),
  );
}

function split(
  body: GraphBuilder,
  vector: string,
  sizes: readonly number[],
  tensors: readonly string[],
): void {
  body.nodes("Split", [vector, body.integers(sizes)], tensors, { axis: 0 });
}

/** A step's masks: `batch` neighbouring columns of each layer's pool, from an offset drawn for the step. */
function sliceMasks(
  body: GraphBuilder,
  step: string,
  layers: readonly number[],
): ReadonlyMap<number, string> {
  if (layers.length === 0) return new Map();
  const offsets = body.node("Gather", ["mask_offsets", step], { axis: 0 });
  const axis = body.integers([1]);
  return new Map(
    layers.map((layer, i) => {
      const first = body.node("Gather", [offsets, body.integers([i])], { axis: 0 });
      const end = body.node("Add", [first, "batch_size"]);
      return [layer, body.node("Slice", [maskInput(layer), first, end, axis])];
    }),
  );
}

/**
 * Kingma and Ba, "Adam: a method for stochastic optimization" (2015), with the decay added to the gradient. What the moments are
 * scaled by is left to the two numbers of a step, `step_size` and `denominator_floor`: a pass over all parameters less for each.
 */
function addAdam(body: GraphBuilder, optimiser: OptimiserOptions, gradient: string, step: string): void {
  const { beta1, beta2, weightDecay } = optimiser;
  const scaled = (value: string, by: number): string => body.node("Mul", [value, body.scalar(by)]);
  const ofStep = (values: string): string => body.node("Gather", [values, step], { axis: 0 });
  const decayed =
    weightDecay === 0 ? gradient : body.node("Add", [gradient, scaled("parameters_now", weightDecay)]);
  const moment1 = body.node("Add", [scaled("moment1_now", beta1), decayed], {}, "moment1_next");
  const square = body.node("Mul", [decayed, decayed]);
  const moment2 = body.node("Add", [scaled("moment2_now", beta2), square], {}, "moment2_next");
  const denominator = body.node("Add", [body.node("Sqrt", [moment2]), ofStep("denominator_floor")]);
  const change = body.node("Mul", [body.node("Div", [moment1, denominator]), ofStep("step_size")]);
  body.node("Sub", ["parameters_now", change], {}, "parameters_next");
}

function addRunningStatistics(body: GraphBuilder, { normalised }: ForwardValues): void {
  const layers = normalised.filter((layer) => layer !== undefined);
  const variances = body.node(
    "Concat",
    layers.map(({ variance }) => variance),
    { axis: 0 },
  );
  const unbiased = body.node("Mul", [variances, "unbiased_factor"]);
  const batch = body.node("Concat", [...layers.map(({ mean }) => mean), unbiased], { axis: 0 });
  const old = body.node("Mul", ["statistics_now", body.scalar(1 - NORMALISATION_MOMENTUM)]);
  const fresh = body.node("Mul", [batch, body.scalar(NORMALISATION_MOMENTUM)]);
  body.node("Add", [old, fresh], {}, "statistics_next");
}
