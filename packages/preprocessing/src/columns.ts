/**
 * What a column of a table holds, as far as preprocessing cares. "integer" and "number" are numeric, "time" is a
 * date, a time or an interval, "other" is anything nested or binary.
 */
export type ColumnType = "integer" | "number" | "boolean" | "text" | "time" | "other";

/** A column of a table before anything is decided about it. */
export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  /**
   * How many distinct non-null values the column holds, counted up to a cap of the reader's choosing
   * (at least 257, so that both role rules can decide); absent where the reader did not count.
   */
  readonly distinct?: number;
  /** Whether some of its numbers are not whole; absent where none is, or the reader did not look. */
  readonly hasFractions?: true;
  /** It stands in the names of the folders that the files are in. */
  readonly isFolderName?: true;
}

/** How a category's values are told apart: as text, letter for letter, or as numbers, so that 1, 1.0 and "1" are one. */
export type CategoryValueType = "text" | "number";

/** A column that is read as a number. */
export interface NumberCoding {
  readonly kind: "number";
  readonly name: string;
}

/** A column that is read as the position of its value in a vocabulary. */
export interface CategoryCoding {
  readonly kind: "category";
  readonly name: string;
  readonly valueType: CategoryValueType;
  /** The known values in code order: code `i` stands for `vocabulary[i]`. Numbers are in `String(number)` form. */
  readonly vocabulary: readonly string[];
}

/**
 * How one raw value becomes one float32 of the model's `flows` input. A number is itself; a category is its code, and
 * `vocabulary.length` when the value is not in the vocabulary; a missing value is NaN.
 */
export type ColumnCoding = NumberCoding | CategoryCoding;

/** Encoded flows, a column at a time: `columns[k][row]`, in the order of the codings they were read with. */
export interface ColumnBatch {
  readonly rows: number;
  /** Each has `rows` values. The producer may use the buffers again for its next batch: copy what must stay. */
  readonly columns: readonly Float32Array[];
}

/** The code that stands for every value that the vocabulary lacks. */
export function unseenCode(column: CategoryCoding): number {
  return column.vocabulary.length;
}
