import { type ColumnCoding, type ContextSpec, contextInputs } from "@oddflow/preprocessing";

/** The codings by which context reads columns: what is added up as numbers, all else but times as text. */
export function contextCodings(spec: ContextSpec): readonly ColumnCoding[] {
  const { bytes, packets, failed } = spec;
  const numbers = new Set([
    ...bytes,
    ...packets,
    ...(failed !== undefined && "unanswered" in failed ? [failed.unanswered] : []),
  ]);
  return contextInputs(spec)
    .filter((name) => name !== spec.time)
    .map((name) =>
      numbers.has(name)
        ? { kind: "number", name }
        : { kind: "category", name, valueType: "text", vocabulary: [] },
    );
}
