import { idOf, type NumberedFlows } from "./numbered-flows.ts";
import type { ReadRecord } from "./records.ts";

/** What was known when a consumer was about to end, or a broker. */
export interface Moment {
  /** What the group had committed, by partition of the flows. */
  readonly committed: Readonly<Record<number, number>>;
  /** What comes at these offsets of the scored topic or later was written after it. */
  readonly ends: Readonly<Record<number, number>>;
}

/** What became of numbered flows. */
export interface Delivery {
  readonly flows: number;
  readonly arrived: number;
  /** Flows that came more than once. */
  readonly repeated: number;
  /** Flows that came again although they had been committed before: a fault. */
  readonly repeatedAfterCommit: number;
  /** Records that are not what was to come of their flow: another key, other headers, other bytes, another score. */
  readonly changed: number;
  readonly example: string | undefined;
}

/** Counts what came of numbered flows. */
export async function countDelivery(
  scored: AsyncIterable<ReadRecord>,
  flows: NumberedFlows,
  expected: { readonly count: number; readonly partitions: number; readonly moments: readonly Moment[] },
): Promise<Delivery> {
  const { count, partitions, moments } = expected;
  const times = new Uint16Array(count);
  let [repeatedAfterCommit, changed] = [0, 0];
  let example: string | undefined;
  for await (const record of scored) {
    const value = record.value?.toString() ?? "";
    const id = idOf(value);
    if (id === undefined || id >= count) {
      changed++;
      example ??= `no id: ${value.slice(0, 300)}`;
      continue;
    }
    const difference = differenceOf(record, value, flows, id, partitions);
    if (difference !== undefined) {
      changed++;
      example ??= difference;
    }
    if (times[id] !== 0 && wasCommitted(id, partitions, record, moments)) repeatedAfterCommit++;
    times[id] = (times[id] ?? 0) + 1;
  }
  let [arrived, repeated] = [0, 0];
  for (const time of times) {
    if (time > 0) arrived++;
    if (time > 1) repeated++;
  }
  return { flows: count, arrived, repeated, repeatedAfterCommit, changed, example };
}

function differenceOf(
  record: ReadRecord,
  value: string,
  flows: NumberedFlows,
  id: number,
  partitions: number,
): string | undefined {
  const given = flows.record(id, partitions);
  if (value !== flows.scored(id)) return `it is ${value}, expected ${flows.scored(id)}`;
  const [found, expected] = [record, given].map(({ key, headers }) => JSON.stringify([key, headers]));
  return found === expected ? undefined : `flow ${id} has the key and headers ${found}, expected ${expected}`;
}

/** Whether a record was written after a moment at which its flow was committed. */
function wasCommitted(
  id: number,
  partitions: number,
  { partition, offset }: ReadRecord,
  moments: readonly Moment[],
): boolean {
  const flowOffset = Math.floor(id / partitions);
  return moments.some(
    ({ committed, ends }) =>
      offset >= (ends[partition] ?? 0) && flowOffset < (committed[id % partitions] ?? 0),
  );
}
