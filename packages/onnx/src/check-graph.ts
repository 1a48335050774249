import type { DecodedGraph, DecodedNode, DecodedTensor } from "./decode-model.ts";
import { ELEMENT_TYPES } from "./model.ts";
import { findOperator, multiplyAdds, type OperatorInput, type Shape } from "./operators.ts";
import { invalid } from "./wire-format.ts";

/**
 * Values that all of a graph's nodes together may give for one flow: 4 MB a flow. The shipped model has 15,000; a file
 * whose nodes join a value to itself again and again would have 2^n.
 */
const MOST_VALUES_A_FLOW = 1_048_576;

/**
 * Follows the shapes of a graph's values from its input to its outputs, by name, those of constants included.
 *
 * What has passed costs at most a multiply-add for each constant in the file and `MOST_VALUES_A_FLOW` values a flow, and
 * no flow's values reach another's.
 * @param input the name of the graph's only input, float32 `[batch, columns]`
 * @throws OddflowError MODEL_INVALID for an operator or attribute that no release has written, a constant whose bytes do not
 * fill its shape, a value that is used before it is there or given twice, shapes that do not fit, more values than may be.
 */
export function checkGraph(graph: DecodedGraph, input: string, columns: number): ReadonlyMap<string, Shape> {
  const values = new Map<string, OperatorInput>();
  const give = (name: string, value: OperatorInput): void => {
    if (values.has(name)) throw invalid(`its graph gives the value "${name}" twice`);
    values.set(name, value);
  };
  if (graph.inputs.length !== 1) throw invalid(`its graph has ${graph.inputs.length} inputs, not one`);
  give(input, { shape: ["batch", columns], isConstant: false });
  for (const tensor of graph.initializers) give(tensor.name, constant(tensor));
  const limits = {
    values: MOST_VALUES_A_FLOW,
    multiplyAdds: graph.initializers.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
  };
  for (const node of graph.nodes) {
    const [name = "", ...others] = node.outputs;
    if (name === "" || others.length > 0)
      throw invalid(`a node ${node.operator} gives ${node.outputs.length} values, not one`);
    const inputs = node.inputs.map((each) => {
      const value = values.get(each);
      if (value === undefined)
        throw invalid(`a node ${node.operator} takes a value "${each}" that is not there`);
      return value;
    });
    const shape = shapeOf(node, inputs);
    limits.values -= sizeOf(shape);
    limits.multiplyAdds -= multiplyAdds(node.operator, inputs);
    if (!(limits.values >= 0 && limits.multiplyAdds >= 0)) {
      throw invalid(`its graph computes more for a flow than any that Oddflow writes, at "${name}"`);
    }
    give(name, { shape, isConstant: false });
  }
  return new Map([...values].map(([name, { shape }]) => [name, shape]));
}

function shapeOf({ operator, attributes }: DecodedNode, inputs: readonly OperatorInput[]): Shape {
  const known = findOperator(operator);
  if (known === undefined)
    throw invalid(`it has an operator ${JSON.stringify(operator)}, which Oddflow does not write`);
  for (const [name, { kind }] of attributes) {
    const expected = known.attributes;
    if (expected === undefined || !Object.hasOwn(expected, name) || expected[name] !== kind) {
      throw invalid(
        `a node ${operator} has an attribute ${JSON.stringify(name)} that Oddflow does not write`,
      );
    }
  }
  const { least, most } = known.inputs;
  const shape = inputs.length >= least && inputs.length <= most ? known.infer(inputs, attributes) : undefined;
  // What hangs on no flow would be computed when the session opens; what has the batch twice grows with its square.
  if (shape === undefined || shape.filter((size) => size === "batch").length !== 1) {
    const found = inputs.map((input) => `[${input.shape.join(", ")}]`).join(" and ");
    throw invalid(`a node ${operator} takes ${found}, which does not fit; the file is damaged`);
  }
  return shape;
}

function constant({ name, shape, elementType, data }: DecodedTensor): OperatorInput {
  const bytes = elementType === ELEMENT_TYPES.int64 ? 8 : 4;
  const isKnown = elementType === ELEMENT_TYPES.int64 || elementType === ELEMENT_TYPES.float32;
  if (!isKnown || !shape.every((size) => size > 0) || sizeOf(shape) * bytes !== data.length) {
    throw invalid(
      `its constant "${name}" of shape [${shape.join(", ")}] has ${data.length} bytes; the file is damaged`,
    );
  }
  if (elementType === ELEMENT_TYPES.float32) return { shape, isConstant: true };
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const integers = Array.from({ length: sizeOf(shape) }, (_, i) => Number(view.getBigInt64(i * 8, true)));
  return { shape, isConstant: true, integers };
}

/** How many values a shape has for one flow. */
function sizeOf(shape: Shape): number {
  return shape.reduce<number>((product, size) => (size === "batch" ? product : product * size), 1);
}
