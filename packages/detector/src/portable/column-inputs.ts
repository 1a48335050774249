import type { GraphBuilder } from "@oddflow/onnx";
import type { ColumnSpec } from "@oddflow/preprocessing";

/**
 * How each column comes into a portable model: as a tensor of one dimension, `[batch]`, or of two, `[batch, 1]`.
 */
export type InputRank = 1 | 2;

/** What a column is called in a portable model, and which type its values have there. */
export interface ColumnInput {
  readonly column: ColumnSpec;
  readonly name: string;
  /** A float32, NaN where it is missing; or a text, empty where it is missing. */
  readonly type: "float32" | "text";
}

/**
 * @param identifiers whether names are to be of letters, digits and underscores alone, and to differ in more than case from each
 * other and from the outputs'
 */
export function columnInputs(
  columns: readonly ColumnSpec[],
  outputs: readonly string[],
  identifiers: boolean,
): ColumnInput[] {
  const key = (name: string): string => (identifiers ? name.toLowerCase() : name);
  const taken = new Set(identifiers ? outputs : []);
  return columns.map((column) => {
    const isText = column.kind === "category" && column.valueType === "text";
    let name = identifiers
      ? column.name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=[0-9]|$)/, "_")
      : column.name;
    while (taken.has(key(name))) name += "_";
    taken.add(key(name));
    return { column, name, type: isText ? "text" : "float32" };
  });
}

/**
 * Adds an input a column, and codes categories as `createRecordEncoder` does: to float32 `[batch, columns]`, whose name is returned.
 */
export function addColumnInputs(
  graph: GraphBuilder,
  inputs: readonly ColumnInput[],
  rank: InputRank,
): string {
  const shape = rank === 1 ? ["batch"] : ["batch", 1];
  const coded = inputs.map(({ column, name, type }) => {
    const values = graph.input(name, type, shape);
    const codes = type === "text" ? addTextCodes(graph, column, values) : values;
    const upright = rank === 1 ? graph.node("Unsqueeze", [codes, graph.integers([1])]) : codes;
    return column.kind === "category" && type === "float32"
      ? addNumberCodes(graph, column, upright)
      : upright;
  });
  return graph.node("Concat", coded, { axis: 1 });
}

/** Texts to codes of the same shape: NaN for an empty one, which is missing, and one past the vocabulary for one that is in none. */
function addTextCodes(graph: GraphBuilder, column: ColumnSpec, texts: string): string {
  const vocabulary = column.kind === "category" ? column.vocabulary : [];
  // An empty text that is in the vocabulary could not be told from a missing one: the encoders take it for that.
  const known = vocabulary.flatMap((text, code) => (text === "" ? [] : [{ text, code }]));
  return graph.mlNode("LabelEncoder", [texts], {
    keys_strings: ["", ...known.map(({ text }) => text)],
    values_floats: { floats: [Number.NaN, ...known.map(({ code }) => code)] },
    default_float: { float: vocabulary.length },
  });
}

/**
 * Numbers `[batch, 1]` to the codes of a category whose values are numbers. By comparison and a product, since runtimes differ in
 * what they look numbers up by. What is missing stays NaN.
 */
function addNumberCodes(graph: GraphBuilder, column: ColumnSpec, numbers: string): string {
  const vocabulary = column.kind === "category" ? column.vocabulary : [];
  const unseen = vocabulary.length;
  // Values that float32 cannot tell apart have the code of the first.
  const known = new Map<number, number>();
  for (const [code, value] of vocabulary.entries()) {
    const number = Math.fround(Number(value));
    if (!known.has(number)) known.set(number, code);
  }
  const values = graph.floats([...known.keys()], [1, known.size]);
  const isValue = graph.node("Cast", [graph.node("Equal", [numbers, values])], { to: 1 });
  const less = graph.floats(
    [...known.values()].map((code) => code - unseen),
    [known.size, 1],
  );
  const codes = graph.node("Add", [graph.node("MatMul", [isValue, less]), graph.scalar(unseen)]);
  return graph.node("Where", [graph.node("IsNaN", [numbers]), numbers, codes]);
}
