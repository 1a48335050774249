import type { FetchedPartition } from "./fetch-response.ts";
import { batchesIn, type RecordBatch } from "./record-batches.ts";
import { bytesAt, readRecords, type WantedBatch } from "./topic-records.ts";

/** In the key of a control record, behind its version: the transaction was given up. */
const [TYPE_PLACE, ABORT] = [2, 0];

/**
 * The batches of a partition that hold records from a position on, without those of transactions that were given up.
 * Source: "Control Batches" in Kafka's documentation; a batch may begin before the position.
 * @returns `next`: the position behind them
 * @throws what `batchesIn` throws
 */
export function wantedBatches(
  { partitionIndex, abortedTransactions, batches }: FetchedPartition,
  position: number,
): { readonly wanted: readonly WantedBatch[]; readonly next: number } {
  const wanted: WantedBatch[] = [];
  const aborted = [...abortedTransactions].sort((one, other) => one.firstOffset - other.firstOffset);
  const givenUp = new Set<number>();
  let next = position;
  for (const batch of batchesIn(batches)) {
    const { lastOffset, producerId } = batch;
    while (aborted[0] !== undefined && aborted[0].firstOffset <= lastOffset)
      givenUp.add((aborted.shift() as (typeof aborted)[number]).producerId);
    next = Math.max(next, lastOffset + 1);
    if (batch.isControl) {
      if (isAbort(batch)) givenUp.delete(producerId);
    } else if (lastOffset >= position && !(batch.isTransactional && givenUp.has(producerId)))
      wanted.push({ partition: partitionIndex, position, batch });
  }
  return { wanted, next };
}

function isAbort(batch: RecordBatch): boolean {
  const { count, bytes, keys } = readRecords([{ partition: 0, position: 0, batch }]);
  const key = count === 0 ? undefined : bytesAt(bytes, keys[0] as number);
  return key !== undefined && bytes.readInt16BE(key.start + TYPE_PLACE) === ABORT;
}
