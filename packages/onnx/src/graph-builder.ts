import {
  type Attribute,
  type Dimension,
  type ElementType,
  type Graph,
  type GraphNode,
  type Initializer,
  ML_OPERATORS,
  type ValueInfo,
} from "./model.ts";

/**
 * Collects the parts of a graph in the order in which they are added, which must be the order in which they can run.
 * A value is known by its name; a nested graph (the body of a Loop) may read the names of the graph around it.
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  readonly #initializers: Initializer[] = [];
  readonly #nodes: GraphNode[] = [];
  #unnamed = 0;

  /** `name` is also the prefix of the names of unnamed values, so nested graphs need one of their own. */
  constructor(name: string) {
    this.#name = name;
  }

  input(name: string, type: ElementType, shape: readonly Dimension[]): string {
    this.#inputs.push({ name, type, shape });
    return name;
  }

  /** Declares a value, which some node already gives this name, as an output of the graph. */
  output(name: string, type: ElementType, shape: readonly Dimension[]): void {
    this.#outputs.push({ name, type, shape });
  }

  /** A float32 constant, row-major; `shape` defaults to one dimension. */
  floats(values: ArrayLike<number>, shape: readonly number[] = [values.length]): string {
    return this.#initializer(Float32Array.from(values), shape);
  }

  /** A float32 constant without dimensions. */
  scalar(value: number): string {
    return this.floats([value], []);
  }

  /** An int64 constant; `shape` defaults to one dimension. */
  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#initializer(BigInt64Array.from(values, BigInt), shape);
  }

  /** Adds a node with one output and returns the output's name (made up where `name` is absent). */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    name?: string,
  ): string {
    const output = name ?? this.#unnamedValue();
    this.#nodes.push({ operator, inputs, outputs: [output], attributes });
    return output;
  }

  /** Adds a node of another domain's than ONNX's own, with one output, whose made-up name is returned. */
  mlNode(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
  ): string {
    const output = this.#unnamedValue();
    const { domain } = ML_OPERATORS;
    this.#nodes.push({ operator, domain, inputs, outputs: [output], attributes });
    return output;
  }

  /** Adds all that is in another graph but its inputs and outputs, which are values of this one then. */
  include({ nodes, initializers }: Graph): void {
    this.#nodes.push(...nodes);
    this.#initializers.push(...initializers);
  }

  /** Adds a node with several outputs, whose names the caller gives. */
  nodes(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): void {
    this.#nodes.push({ operator, inputs, outputs, attributes });
  }

  build(): Graph {
    return {
      name: this.#name,
      inputs: this.#inputs,
      outputs: this.#outputs,
      initializers: this.#initializers,
      nodes: this.#nodes,
    };
  }

  #initializer(data: Float32Array | BigInt64Array, shape: readonly number[]): string {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    if (size !== data.length) throw new Error(`constant of shape [${shape}] got ${data.length} values`);
    const name = this.#unnamedValue();
    this.#initializers.push({ name, shape, data });
    return name;
  }

  #unnamedValue(): string {
    return `${this.#name}/${this.#unnamed++}`;
  }
}
