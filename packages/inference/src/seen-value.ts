import { type ColumnSpec, type FlowRecord, shortestFloat32 } from "@oddflow/preprocessing";

/** A value that the model's vocabulary lacks; its text where that is known, else null. */
export interface UnseenValue {
  readonly unseen: string | null;
}

/** What a flow has in a column: a number, a category's value, null where it is missing or infinite. */
export type SeenValue = number | string | null | UnseenValue;

/**
 * What the model expects there for a flow that is otherwise like it; unseen stands for any value outside the vocabulary,
 * null for none.
 */
export type ExpectedValue = number | string | UnseenValue | null;

/** What an encoded value stands for; a record tells the text of one that the vocabulary lacks. */
export function seenValue(column: ColumnSpec, value: number, record?: FlowRecord): SeenValue {
  if (!Number.isFinite(value)) return null;
  if (column.kind === "number") return shortestFloat32(value);
  const known = codedValue(column, value);
  if (known === null || typeof known !== "object" || record === undefined) return known;
  const own = Object.hasOwn(record, column.name) ? record[column.name] : undefined;
  return { unseen: typeof own === "object" ? JSON.stringify(own) : String(own) };
}

/** What a number or a category's code stands for; a code outside the vocabulary is an unseen value, NaN is none. */
export function codedValue(column: ColumnSpec, value: number): ExpectedValue {
  if (Number.isNaN(value)) return null;
  // JSON knows no negative zero.
  if (column.kind === "number") return value + 0;
  const text = column.vocabulary[value];
  if (text === undefined) return { unseen: null };
  return column.valueType === "number" ? Number(text) : text;
}
