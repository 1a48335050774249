import type { FlowRecord } from "@oddflow/preprocessing";
import { SENSORS } from "../sensors/index.ts";

interface Sampling {
  readonly rate: string;
  readonly counts: readonly string[];
  readonly marks: readonly (readonly string[])[];
}

const SAMPLINGS: readonly Sampling[] = SENSORS.flatMap(({ sampling, marks }) =>
  sampling === undefined ? [] : [{ ...sampling, marks }],
);

/** The fields that hold a rate. */
export const RATE_FIELDS: readonly string[] = [...new Set(SAMPLINGS.map(({ rate }) => rate))];

/** What a record's counts are to be multiplied by, and which these are; undefined where they are whole. */
export function samplingOf(
  record: FlowRecord,
): { readonly rate: number; readonly counts: readonly string[] } | undefined {
  for (const { rate: field, counts, marks } of SAMPLINGS) {
    const rate = Object.hasOwn(record, field) ? record[field] : undefined;
    if (typeof rate !== "number" || !(rate > 1)) continue;
    if (marks.some((mark) => mark.every((name) => Object.hasOwn(record, name)))) return { rate, counts };
  }
  return undefined;
}

/** The record with its counts multiplied by its sampling rate; itself where there is none. */
export function withoutSampling(record: FlowRecord): FlowRecord {
  const sampling = samplingOf(record);
  if (sampling === undefined) return record;
  const scaled = sampling.counts.flatMap((name) => {
    const count = record[name];
    return typeof count === "number" ? [[name, count * sampling.rate]] : [];
  });
  return { ...record, ...Object.fromEntries(scaled) };
}
