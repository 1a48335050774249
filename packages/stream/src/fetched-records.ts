import type { TopicRecord } from "./flow-records.ts";

/** What of a fetch is looked at, as the client gives it. */
export interface FetchedPartition {
  readonly partitionIndex: number;
  readonly highWatermark: bigint;
  readonly abortedTransactions: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[];
  readonly records?: readonly FetchedBatch[];
}

interface FetchedBatch {
  readonly firstOffset: bigint;
  readonly lastOffsetDelta: number;
  readonly firstTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly producerId: bigint;
  readonly attributes: number;
  readonly records: readonly {
    readonly offsetDelta: number;
    readonly timestampDelta: bigint;
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly headers: readonly (readonly [Buffer | null, Buffer | null])[];
  }[];
}

/** Bits of a batch's attributes. */
const [LOG_APPEND_TIME, TRANSACTIONAL, CONTROL] = [1 << 3, 1 << 4, 1 << 5];

/** In the key of a control record: the transaction was given up. */
const ABORT = 0;

/**
 * The records of a partition from a position on, those of transactions that were given up left out.
 * Source: the batches' format in Kafka's documentation, "Record Batch" and "Control Batches"; a batch may begin before the position.
 * @returns `next`: the position behind them
 */
export function recordsOf(
  { partitionIndex, abortedTransactions, records = [] }: FetchedPartition,
  position: bigint,
): { readonly records: readonly TopicRecord[]; readonly next: bigint } {
  const found: TopicRecord[] = [];
  const aborted = [...abortedTransactions].sort((one, other) =>
    one.firstOffset < other.firstOffset ? -1 : 1,
  );
  const givenUp = new Set<bigint>();
  let next = position;
  for (const batch of records) {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    while (aborted[0] !== undefined && aborted[0].firstOffset <= last)
      givenUp.add((aborted.shift() as (typeof aborted)[number]).producerId);
    if (last + 1n > next) next = last + 1n;
    if ((batch.attributes & CONTROL) !== 0) {
      if (batch.records[0]?.key?.readInt16BE(2) === ABORT) givenUp.delete(batch.producerId);
      continue;
    }
    if ((batch.attributes & TRANSACTIONAL) !== 0 && givenUp.has(batch.producerId)) continue;
    const isAppendTime = (batch.attributes & LOG_APPEND_TIME) !== 0;
    for (const { offsetDelta, timestampDelta, key, value, headers } of batch.records) {
      const offset = batch.firstOffset + BigInt(offsetDelta);
      if (offset < position) continue;
      const timestamp = isAppendTime ? batch.maxTimestamp : batch.firstTimestamp + timestampDelta;
      found.push({ partition: partitionIndex, offset, timestamp, key, value, headers });
    }
  }
  return { records: found, next };
}
