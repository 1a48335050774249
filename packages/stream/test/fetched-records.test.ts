import fc from "fast-check";
import { expect, test } from "vitest";
import { recordsOf } from "../src/fetched-records.ts";

type FetchedBatch = NonNullable<Parameters<typeof recordsOf>[0]["records"]>[number];

const [LOG_APPEND_TIME, TRANSACTIONAL, CONTROL] = [8, 16, 32];
const [ABORT, COMMIT] = [0, 1];

/** A batch of records whose offsets are `from` and so on, those of `gaps` left out, as a compaction leaves them out. */
function batchOf(
  from: number,
  count: number,
  {
    attributes = 0,
    producer = -1,
    gaps = [],
  }: { attributes?: number; producer?: number; gaps?: number[] } = {},
): FetchedBatch {
  const deltas = Array.from({ length: count }, (_, k) => k).filter((k) => !gaps.includes(k));
  return {
    firstOffset: BigInt(from),
    lastOffsetDelta: count - 1,
    firstTimestamp: 1000n,
    maxTimestamp: 2000n,
    producerId: BigInt(producer),
    attributes,
    records: deltas.map((offsetDelta) => ({
      offsetDelta,
      timestampDelta: BigInt(offsetDelta),
      key: null,
      value: Buffer.from(String(from + offsetDelta)),
      headers: [],
    })),
  };
}

/** The record that ends a transaction. */
function marker(at: number, producer: number, type: number): FetchedBatch {
  const key = Buffer.from([0, 0, 0, type]);
  const [record] = batchOf(at, 1).records;
  return {
    ...batchOf(at, 1, { attributes: TRANSACTIONAL | CONTROL, producer }),
    records: record === undefined ? [] : [{ ...record, key }],
  };
}

function offsetsOf(
  records: readonly FetchedBatch[],
  position: number,
  aborted: readonly (readonly [producer: number, from: number])[] = [],
): { readonly offsets: readonly number[]; readonly next: number } {
  const abortedTransactions = aborted.map(([producer, from]) => ({
    producerId: BigInt(producer),
    firstOffset: BigInt(from),
  }));
  const fetched = { partitionIndex: 3, highWatermark: 99n, abortedTransactions, records };
  const found = recordsOf(fetched, BigInt(position));
  for (const { partition, offset, value } of found.records) {
    expect([partition, value?.toString()]).toEqual([3, String(offset)]);
  }
  return { offsets: found.records.map(({ offset }) => Number(offset)), next: Number(found.next) };
}

test("a batch may begin before the position, and hold fewer records than it reaches over", () => {
  expect(offsetsOf([], 5)).toEqual({ offsets: [], next: 5 });
  expect(offsetsOf([batchOf(0, 4), batchOf(4, 3)], 2)).toEqual({ offsets: [2, 3, 4, 5, 6], next: 7 });
  expect(offsetsOf([batchOf(10, 5, { gaps: [0, 3, 4] })], 10)).toEqual({ offsets: [11, 12], next: 15 });
  // All of it is gone, and reading goes on behind it.
  expect(offsetsOf([batchOf(10, 2, { gaps: [0, 1] })], 10)).toEqual({ offsets: [], next: 12 });
  expect(offsetsOf([batchOf(0, 4)], 8)).toEqual({ offsets: [], next: 8 });
});

test("a record's time is its own, or the one at which the broker had it", () => {
  const times = (attributes: number): bigint[] =>
    recordsOf(
      {
        partitionIndex: 0,
        highWatermark: 9n,
        abortedTransactions: [],
        records: [batchOf(0, 2, { attributes })],
      },
      0n,
    ).records.map(({ timestamp }) => timestamp);
  expect(times(0)).toEqual([1000n, 1001n]);
  expect(times(LOG_APPEND_TIME)).toEqual([2000n, 2000n]);
});

test("what was written in a transaction that was given up is left out, also of a writer that went on", () => {
  const attributes = TRANSACTIONAL;
  const records = [
    batchOf(0, 2, { attributes, producer: 7 }),
    batchOf(2, 2, { attributes, producer: 8 }),
    batchOf(4, 1),
    marker(5, 7, ABORT),
    batchOf(6, 2, { attributes, producer: 7 }),
    marker(8, 8, COMMIT),
    marker(9, 7, COMMIT),
  ];
  expect(offsetsOf(records, 0, [[7, 0]])).toEqual({ offsets: [2, 3, 4, 6, 7], next: 10 });
  expect(offsetsOf(records, 0)).toEqual({ offsets: [0, 1, 2, 3, 4, 6, 7], next: 10 });
});

test("whatever writers do side by side, what is read is what they committed, from any position on", () => {
  const write = fc.record({
    producer: fc.integer({ min: 0, max: 3 }),
    count: fc.integer({ min: 1, max: 4 }),
    ends: fc.constantFrom("commit", "abort", "goes on"),
  });
  fc.assert(
    fc.property(fc.array(write, { maxLength: 20 }), fc.nat({ max: 60 }), (writes, from) => {
      const log: FetchedBatch[] = [];
      const open = new Map<number, number[]>();
      const begun = new Map<number, number>();
      const committed: number[] = [];
      const aborted: { producer: number; first: number; last: number }[] = [];
      let at = 0;
      for (const { producer, count, ends } of writes) {
        // Producer 0 writes without transactions.
        const attributes = producer === 0 ? 0 : TRANSACTIONAL;
        log.push(batchOf(at, count, { attributes, producer }));
        const own = Array.from({ length: count }, (_, k) => at + k);
        at += count;
        if (producer === 0) {
          committed.push(...own);
          continue;
        }
        if (!begun.has(producer)) begun.set(producer, own[0] ?? 0);
        const all = [...(open.get(producer) ?? []), ...own];
        open.set(producer, all);
        if (ends === "goes on") continue;
        if (ends === "commit") committed.push(...all);
        else aborted.push({ producer, first: begun.get(producer) ?? 0, last: at });
        log.push(marker(at++, producer, ends === "commit" ? COMMIT : ABORT));
        open.delete(producer);
        begun.delete(producer);
      }
      // A broker gives nothing behind the first transaction that is open.
      const stable = Math.min(at, ...begun.values());
      const given = log.filter(
        ({ firstOffset, lastOffsetDelta }) =>
          Number(firstOffset) < stable && Number(firstOffset) + lastOffsetDelta >= from,
      );
      const expected = committed.filter((offset) => offset >= from && offset < stable).sort((a, b) => a - b);
      const reach = given.reduce(
        (end, batch) => Math.max(end, Number(batch.firstOffset) + batch.lastOffsetDelta + 1),
        from,
      );
      // It names the transactions that reach into what it gives.
      const named = aborted
        .filter(({ first, last }) => first < stable && last >= from)
        .map(({ producer, first }): [number, number] => [producer, first]);
      expect(offsetsOf(given, from, named)).toEqual({ offsets: expected, next: reach });
    }),
  );
});
