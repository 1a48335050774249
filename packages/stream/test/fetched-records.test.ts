import fc from "fast-check";
import { expect, test } from "vitest";
import { wantedBatches } from "../src/fetched-records.ts";
import { readRecords, type TopicRecords } from "../src/topic-records.ts";
import { batchBytes, type PlainBatch, plainRecords, rangeOf } from "./log-bytes.ts";

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
): PlainBatch {
  const deltas = Array.from({ length: count }, (_, k) => k).filter((k) => !gaps.includes(k));
  const records = deltas.map((delta) => ({ delta, key: null, value: Buffer.from(String(from + delta)) }));
  return { first: from, last: from + count - 1, producer, attributes, records };
}

/** The record that ends a transaction. */
function marker(at: number, producer: number, type: number): PlainBatch {
  const records = [{ delta: 0, key: Buffer.from([0, 0, 0, type]), value: Buffer.alloc(6) }];
  return { first: at, last: at, producer, attributes: TRANSACTIONAL | CONTROL, records };
}

function read(
  batches: readonly PlainBatch[],
  position: number,
  aborted: readonly (readonly [producer: number, from: number])[] = [],
): { readonly records: TopicRecords; readonly next: number } {
  const abortedTransactions = aborted.map(([producerId, firstOffset]) => ({ producerId, firstOffset }));
  const log = rangeOf(Buffer.concat(batches.map(batchBytes)));
  const partition = { partitionIndex: 3, highWatermark: 99, abortedTransactions, batches: log };
  const { wanted, next } = wantedBatches(partition, position);
  return { records: readRecords(wanted), next };
}

function offsetsOf(
  batches: readonly PlainBatch[],
  position: number,
  aborted: readonly (readonly [producer: number, from: number])[] = [],
): { readonly offsets: readonly number[]; readonly next: number } {
  const { records, next } = read(batches, position, aborted);
  const offsets = [...records.offsets.subarray(0, records.count)];
  expect([...records.partitions.subarray(0, records.count)]).toEqual(offsets.map(() => 3));
  expect(plainRecords(records).map(({ value }) => value?.toString())).toEqual(offsets.map(String));
  return { offsets, next };
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
  const times = (attributes: number): number[] =>
    plainRecords(read([batchOf(0, 2, { attributes })], 0).records).map(({ time }) => time);
  expect(times(0)).toEqual([1000, 1001]);
  expect(times(LOG_APPEND_TIME)).toEqual([2000, 2000]);
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
      const log: PlainBatch[] = [];
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
      const given = log.filter(({ first, last }) => first < stable && last >= from);
      const expected = committed.filter((offset) => offset >= from && offset < stable).sort((a, b) => a - b);
      const reach = given.reduce((end, { last }) => Math.max(end, last + 1), from);
      // It names the transactions that reach into what it gives.
      const named = aborted
        .filter(({ first, last }) => first < stable && last >= from)
        .map(({ producer, first }): [number, number] => [producer, first]);
      expect(offsetsOf(given, from, named)).toEqual({ offsets: expected, next: reach });
    }),
  );
});
