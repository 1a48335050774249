import type { JoinedValues, ValueScoring } from "@oddflow/stream";

/** What came of a record: the text that is written, why it is put aside, or what it is beside a flow. */
export type RecordFate =
  | { readonly text: string }
  | { readonly reason: string }
  | { readonly leftOut: string };

/** Scores values and says what came of each. */
export async function fatesOf(
  scoring: Pick<ValueScoring, "score">,
  values: readonly Uint8Array[],
): Promise<RecordFate[]> {
  const { written, reasons, leftOut } = await scoring.score(joined(values));
  return Array.from(written.ends, (end, k): RecordFate => {
    const [reason, what] = [reasons.get(k), leftOut.get(k)];
    if (what !== undefined) return { leftOut: what };
    if (reason !== undefined) return { reason };
    return { text: Buffer.from(written.bytes.subarray(written.ends[k - 1] ?? 0, end)).toString() };
  });
}

function joined(values: readonly Uint8Array[]): JoinedValues {
  let length = 0;
  const ends = Uint32Array.from(values, (value) => {
    length += value.length;
    return length;
  });
  const bytes = new Uint8Array(length);
  for (const [k, value] of values.entries()) bytes.set(value, ends[k - 1] ?? 0);
  return { bytes, ends };
}
