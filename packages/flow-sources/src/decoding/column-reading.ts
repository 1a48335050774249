import { type ColumnCoding, createValueEncoder } from "@oddflow/preprocessing";
import { type WordTable, wordTable } from "./ascii-words.ts";

/** How a column's values are read. Codes are undefined where `readJsonRecord` must read the value, which is to be refused. */
export interface ColumnReading {
  readonly isNumber: boolean;
  /** The words of a category that is told apart by texts; undefined for other columns. */
  readonly words: WordTable | undefined;
  /** The numbers among a category's words. */
  readonly numbers: ReadonlyMap<number, number>;
  /** The code of a value that is none of these. */
  readonly unseen: number;
  readonly ofNull: number | undefined;
  readonly ofTrue: number | undefined;
  readonly ofFalse: number | undefined;
}

export function columnReading(column: ColumnCoding): ColumnReading {
  // The rules for values that are met seldom are asked of the column's encoder.
  const encode = createValueEncoder(column);
  const codeOf = (value: unknown): number | undefined => {
    const code = encode(value);
    return typeof code === "number" ? code : undefined;
  };
  const isText = column.kind === "category" && column.valueType === "text";
  return {
    isNumber: column.kind === "number",
    words: isText ? wordTable(column.vocabulary) : undefined,
    numbers: numberTable(column),
    unseen: column.kind === "category" ? column.vocabulary.length : 0,
    ofNull: codeOf(null),
    ofTrue: codeOf(true),
    ofFalse: codeOf(false),
  };
}

/** The numbers among a category's words and their codes. */
function numberTable(column: ColumnCoding): ReadonlyMap<number, number> {
  if (column.kind !== "category") return new Map();
  // What is not in the form of `String(number)` is never found, and a later one replaces an earlier one.
  const canonical = [...column.vocabulary.entries()].filter(([, text]) => String(Number(text)) === text);
  return new Map(canonical.map(([code, text]) => [Number(text), code]));
}
