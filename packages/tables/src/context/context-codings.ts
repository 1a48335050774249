import { type ColumnCoding, type ContextColumnNames, contextInputs } from "@oddflow/preprocessing";

/** The codings by which a context's columns are read, but for times: what is added up as numbers, all else as text. */
export function contextCodings(names: ContextColumnNames): readonly ColumnCoding[] {
  const { bytes, packets, failed } = names;
  const unanswered = failed !== undefined && "unanswered" in failed ? [failed.unanswered] : [];
  const numbers = new Set([...bytes, ...packets, ...unanswered]);
  return contextInputs({ ...names, time: undefined }).map((name) =>
    numbers.has(name)
      ? { kind: "number", name }
      : { kind: "category", name, valueType: "text", vocabulary: [] },
  );
}
