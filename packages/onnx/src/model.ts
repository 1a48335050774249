/** ONNX's numbers for the element types that the project uses (TensorProto.DataType). */
export const ELEMENT_TYPES = { float32: 1, int64: 7, text: 8, bool: 9 } as const;

/** A tensor's type, as this package names it. */
export type ElementType = keyof typeof ELEMENT_TYPES;

/** A dimension: a fixed size, or the name of one that is known only when the graph runs. */
export type Dimension = number | string;

/** A graph input or output. */
export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
}

/** A constant stored in the graph; `data` is row-major and has as many values as `shape` says. */
export interface Initializer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** A number attribute, or a list of numbers, is written as FLOAT or FLOATS when it is wrapped, as INT or INTS otherwise. */
export type Attribute =
  | number
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | readonly number[]
  | readonly string[]
  | Graph;

/** The operators for what is no tensor arithmetic, such as looking texts up, and the version of them that is used. */
export const ML_OPERATORS = { domain: "ai.onnx.ml", version: 2 } as const;

/** One operator of a graph with its inputs and outputs. */
export interface GraphNode {
  readonly operator: string;
  /** Absent for ONNX's own operators. */
  readonly domain?: typeof ML_OPERATORS.domain;
  /** An empty name stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** An ONNX graph. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: readonly Initializer[];
  /** In an order in which every node comes after those whose outputs it reads. */
  readonly nodes: readonly GraphNode[];
}

/** A model file: a graph and what is said of it. */
export interface Model {
  readonly graph: Graph;
  readonly opset: number;
  readonly producer: string;
  /** `metadata_props`: free text by key. */
  readonly metadata: ReadonlyMap<string, string>;
}
