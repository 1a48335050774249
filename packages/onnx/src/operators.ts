import type { DecodedAttribute } from "./decode-model.ts";

/**
 * The operators of a detector's graph, and how the shape of what each gives follows from what it takes. `exportDetector`
 * writes no others, and no others are accepted from a model file: none of these loops, and what each allocates is known
 * before it runs.
 */

/** Sizes of a value; "batch" is the number of flows. */
export type Shape = readonly (number | "batch")[];

export interface OperatorInput {
  readonly shape: Shape;
  /** The values of an int64 constant. */
  readonly integers?: readonly number[];
  readonly isConstant: boolean;
}

export interface Operator {
  /** What each attribute is; no others are allowed. */
  readonly attributes?: Readonly<Record<string, DecodedAttribute["kind"]>>;
  readonly inputs: { readonly least: number; readonly most: number };
  /** The shape of its one output; undefined where its inputs do not fit. */
  infer(
    inputs: readonly OperatorInput[],
    attributes: ReadonlyMap<string, DecodedAttribute>,
  ): Shape | undefined;
}

const unary: Operator = { inputs: { least: 1, most: 1 }, infer: ([value]) => value?.shape };
const elementwise = (count: number): Operator => ({
  inputs: { least: count, most: count },
  infer: (inputs) => inputs.map(({ shape }) => shape).reduce<Shape | undefined>(broadcast, []),
});

const OPERATORS: Readonly<Record<string, Operator>> = {
  Abs: unary,
  Add: elementwise(2),
  Cast: { ...unary, attributes: { to: "integer" } },
  Clip: {
    inputs: { least: 2, most: 3 },
    infer: ([value, ...limits]) => (limits.every(isScalar) ? value?.shape : undefined),
  },
  Concat: {
    attributes: { axis: "integer" },
    inputs: { least: 1, most: 10_000 },
    infer: (inputs, attributes) =>
      concatenate(
        inputs.map(({ shape }) => shape),
        integerOf(attributes, "axis"),
      ),
  },
  Div: elementwise(2),
  Equal: elementwise(2),
  Gather: { attributes: { axis: "integer" }, inputs: { least: 2, most: 2 }, infer: gather },
  Gemm: {
    attributes: { transB: "integer" },
    inputs: { least: 2, most: 3 },
    infer: ([flows, matrix, bias], attributes) => {
      const product = multiply(flows, matrix, integerOf(attributes, "transB") === 1);
      const result = product && broadcast(product, bias?.shape ?? []);
      return result && isSame(result, product) ? product : undefined;
    },
  },
  Identity: unary,
  LessOrEqual: elementwise(2),
  Log: unary,
  MatMul: { inputs: { least: 2, most: 2 }, infer: ([flows, matrix]) => multiply(flows, matrix, false) },
  Mul: elementwise(2),
  Relu: unary,
  Squeeze: {
    inputs: { least: 2, most: 2 },
    infer: ([value, axes]) => {
      const last = axes?.integers?.length === 1 && (axes.integers[0] === 1 || axes.integers[0] === -1);
      return last && value?.shape.length === 2 && value.shape[1] === 1 ? value.shape.slice(0, 1) : undefined;
    },
  },
  Sub: elementwise(2),
  Transpose: {
    attributes: { perm: "integers" },
    inputs: { least: 1, most: 1 },
    infer: ([value], attributes) =>
      integersOf(attributes, "perm").join() === "1,0" && value?.shape.length === 2
        ? [...value.shape].reverse()
        : undefined,
  },
  Where: elementwise(3),
};

/** Written by releases up to format 1, in place of the product that the score is now. */
const FORMER_OPERATORS: Readonly<Record<string, Operator>> = {
  ReduceMean: {
    attributes: { axes: "integers", keepdims: "integer" },
    inputs: { least: 1, most: 1 },
    infer: ([value], attributes) =>
      integersOf(attributes, "axes").join() === "1" && integerOf(attributes, "keepdims") === 0
        ? value?.shape.length === 2
          ? value.shape.slice(0, 1)
          : undefined
        : undefined,
  },
};

/** Names of the operators that a model file of this release may hold. */
export const DETECTOR_OPERATORS: readonly string[] = Object.keys(OPERATORS);

const KNOWN: ReadonlyMap<string, Operator> = new Map(Object.entries({ ...OPERATORS, ...FORMER_OPERATORS }));

/** What is known of an operator; undefined for one that no release has written. */
export function findOperator(name: string): Operator | undefined {
  return KNOWN.get(name);
}

/** Multiply-adds a flow of a product with a constant matrix; 0 for other operators. */
export function multiplyAdds(operator: string, inputs: readonly OperatorInput[]): number {
  if (operator !== "Gemm" && operator !== "MatMul") return 0;
  return (inputs[1]?.shape ?? []).reduce<number>((product, size) => product * Number(size), 1);
}

/** As ONNX's multidirectional broadcasting: sizes are held against each other from the last, and 1 fits any. */
function broadcast(left: Shape | undefined, right: Shape): Shape | undefined {
  if (left === undefined) return undefined;
  const rank = Math.max(left.length, right.length);
  const result: (number | "batch")[] = [];
  for (let i = rank; i > 0; i--) {
    const [a, b] = [left[left.length - i] ?? 1, right[right.length - i] ?? 1];
    if (a !== b && a !== 1 && b !== 1) return undefined;
    result.push(a === 1 ? b : a);
  }
  return result;
}

/** `[batch, k]` times a constant `[k, n]`, or `[n, k]` turned. */
function multiply(
  flows: OperatorInput | undefined,
  matrix: OperatorInput | undefined,
  isTurned: boolean,
): Shape | undefined {
  if (flows?.shape.length !== 2 || !matrix?.isConstant || matrix.shape.length !== 2) return undefined;
  const [rows, columns] = isTurned ? [...matrix.shape].reverse() : matrix.shape;
  return flows.shape[0] === "batch" && flows.shape[1] === rows ? ["batch", columns ?? 0] : undefined;
}

/** Rows of a `[k, batch]`, by a constant list of their numbers; or of a constant `[k]` the value that each flow names. */
function gather(
  [value, rows]: readonly OperatorInput[],
  attributes: ReadonlyMap<string, DecodedAttribute>,
): Shape | undefined {
  const count = value?.shape[0];
  const isLookup = value?.isConstant === true && value.shape.length === 1 && rows?.shape.join() === "batch";
  if (isLookup && integerOf(attributes, "axis") === 0) return ["batch"];
  if (integerOf(attributes, "axis") !== 0 || typeof count !== "number" || value?.shape.length !== 2)
    return undefined;
  if (rows?.integers === undefined || rows.shape.length !== 1) return undefined;
  if (!rows.integers.every((row) => row >= 0 && row < count)) return undefined;
  return [rows.integers.length, ...value.shape.slice(1)];
}

function concatenate(shapes: readonly Shape[], axis: number): Shape | undefined {
  const [first = []] = shapes;
  if (first.length !== 2 || !(axis === 0 || axis === 1)) return undefined;
  const sizes = shapes.map((shape) => shape[axis]);
  const others = shapes.every((shape) => shape.length === 2 && shape[1 - axis] === first[1 - axis]);
  if (!others || !sizes.every((size) => typeof size === "number")) return undefined;
  return first.map((size, i) => (i === axis ? sizes.reduce((sum, own) => sum + own, 0) : size));
}

function isScalar({ shape, isConstant }: OperatorInput): boolean {
  return isConstant && shape.length === 0;
}

function isSame(left: Shape, right: Shape | undefined): boolean {
  return left.join() === right?.join();
}

function integerOf(attributes: ReadonlyMap<string, DecodedAttribute>, name: string): number {
  const found = attributes.get(name);
  return found?.kind === "integer" ? found.value : 0;
}

function integersOf(attributes: ReadonlyMap<string, DecodedAttribute>, name: string): readonly number[] {
  const found = attributes.get(name);
  return found?.kind === "integers" ? found.value : [];
}
