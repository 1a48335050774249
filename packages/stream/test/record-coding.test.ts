import zlib from "node:zlib";
import {
  murmur2 as clientsMurmur2,
  createRecordsBatch,
  NumericMap,
  produceV7,
  produceV8,
  produceV9,
  produceV10,
  produceV11,
  Reader,
  readRecordsBatches,
} from "@platformatic/kafka";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BatchBuilder, bytesAlone, type WrittenRecord } from "../src/batch-builder.ts";
import { addCompressions } from "../src/compressions.ts";
import { wantedBatches } from "../src/fetched-records.ts";
import { murmur2 } from "../src/murmur2.ts";
import { produceRequest } from "../src/produce-request.ts";
import { joinValues, readRecords } from "../src/topic-records.ts";
import { asideRecord } from "../src/written-records.ts";
import { anyRecord, messagesOf, type PlainRecord, plainRecords, rangeOf } from "./log-bytes.ts";

addCompressions();

/** That the client can write here: zstd it leaves to Node, which has it since 22.15. */
const COMPRESSIONS = ["none", "gzip", "snappy", "lz4", ...("zstdCompressSync" in zlib ? ["zstd"] : [])];

const anyBatch = fc.record({
  compression: fc.constantFrom("none", ...COMPRESSIONS),
  records: fc.array(anyRecord, { minLength: 1, maxLength: 8 }),
});

/** A partition's bytes, by the client's own coder. */
function logOf(
  batches: readonly { readonly compression: string; readonly records: PlainRecord[] }[],
): Buffer {
  let offset = 0;
  return Buffer.concat(
    batches.map(({ compression, records }) => {
      const { buffer } = createRecordsBatch(messagesOf(records), { compression } as never);
      buffer.writeBigInt64BE(BigInt(offset), 0);
      offset += records.length;
      return buffer;
    }),
  );
}

function readLog(log: Buffer, position: number) {
  const partition = { partitionIndex: 3, highWatermark: 0, abortedTransactions: [], batches: rangeOf(log) };
  const { wanted, next } = wantedBatches(partition, position);
  return { records: readRecords(wanted), next };
}

test("what the client writes, in every compression, is read record by record, from any position and however it is cut off", () => {
  fc.assert(
    fc.property(fc.array(anyBatch, { maxLength: 6 }), fc.nat(20), fc.nat(200), (batches, position, cut) => {
      const log = logOf(batches);
      const given = log.subarray(0, Math.max(0, log.length - cut));
      const whole = readRecordsBatches(Reader.from(Buffer.from(given))).reduce(
        (sum, own) => sum + own.records.length,
        0,
      );
      const { records, next } = readLog(given, position);
      const expected = batches.flatMap((own) => own.records).slice(0, whole);
      expect(plainRecords(records)).toEqual(expected.slice(position));
      expect(next).toBe(Math.max(position, whole));
      expect([...records.offsets].slice(0, records.count)).toEqual(expected.map((_, k) => k).slice(position));
      const values = joinValues(records, {
        take: (bytes) => new ArrayBuffer(bytes + 3),
        give: () => undefined,
      });
      for (const [k, { value }] of expected.slice(position).entries())
        expect(Buffer.from(values.bytes.subarray(values.ends[k - 1] ?? 0, values.ends[k]))).toEqual(
          value ?? Buffer.alloc(0),
        );
    }),
    { numRuns: 30 },
  );
});

test("a topic in a format of long ago is refused in words", () => {
  const log = logOf([{ compression: "none", records: [{ key: null, value: null, headers: [], time: 0 }] }]);
  log[16] = 1;
  expect(() => readLog(log, 0)).toThrow(
    expect.objectContaining({
      code: "BROKER_REFUSED",
      message: expect.stringContaining("before Kafka 0.11"),
    }),
  );
});

/** A record as it is written, its parts in bytes of their own. */
function written({ key, value, headers, time }: PlainRecord): WrittenRecord {
  const { records } = readLog(
    logOf([{ compression: "none", records: [{ key, value: null, headers, time }] }]),
    0,
  );
  const { bytes, keys, values, ends } = records;
  return {
    time,
    key: { bytes, start: keys[0] as number, end: values[0] as number },
    value: value === null ? undefined : rangeOf(value),
    headers: { bytes, start: records.headers[0] as number, end: ends[0] as number },
  };
}

function builderOf(records: readonly PlainRecord[]): BatchBuilder {
  const builder = new BatchBuilder();
  for (const record of records) {
    const size = builder.bytesWith(written(record));
    builder.add(written(record));
    expect(builder.finish(NOBODY).length).toBe(size);
  }
  return builder;
}

const NOBODY = { producerId: -1n, producerEpoch: 0, firstSequence: 0, isTransactional: false };

test("a batch is, byte for byte, what the client would write; also one that has been cleared", () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 8 }), (records) => {
      const builder = builderOf(records);
      const expected = createRecordsBatch(messagesOf(records)).buffer;
      expect(builder.finish(NOBODY)).toEqual(expected);
      builder.clear();
      const [first] = records;
      if (first !== undefined) builder.add(written(first));
      const alone = createRecordsBatch(messagesOf(records.slice(0, 1))).buffer;
      expect(builder.finish(NOBODY)).toEqual(alone);
      expect(first && bytesAlone(written(first))).toBe(alone.length);
    }),
    { numRuns: 30 },
  );
});

test("times may lie as far apart as they will", () => {
  const time = fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 2 ** 51 }));
  fc.assert(
    fc.property(fc.array(time, { minLength: 1, maxLength: 5 }), (times) => {
      const records = times.map((own) => ({ key: null, value: null, headers: [], time: own }));
      const bytes = Buffer.from(builderOf(records).finish(NOBODY));
      expect(plainRecords(readLog(bytes, 0).records)).toEqual(records);
      const [batch] = readRecordsBatches(Reader.from(bytes));
      const found = batch?.records.map(({ timestampDelta }) => Number(batch.firstTimestamp + timestampDelta));
      expect(found).toEqual(times);
      expect(Number(batch?.maxTimestamp)).toBe(Math.max(...times));
    }),
  );
});

test("a record that is put aside keeps all that it had, and has four headers more", () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 4 }), fc.string(), (given, reason) => {
      const { records } = readLog(logOf([{ compression: "none", records: given }]), 0);
      const builder = new BatchBuilder();
      for (const k of given.keys()) builder.add(asideRecord(records, k, "flows", reason, true));
      const found = plainRecords(readLog(Buffer.from(builder.finish(NOBODY)), 0).records);
      const expected = given.map((record, k) => {
        const added = { reason, topic: "flows", partition: "3", offset: String(k) };
        const texts = Object.entries(added).map(([name, text]) => [
          Buffer.from(`oddflow.${name}`),
          Buffer.from(text),
        ]);
        return { ...record, headers: [...record.headers, ...texts] };
      });
      expect(found).toEqual(expected);
    }),
  );
});

const VERSIONS = [produceV7, produceV8, produceV9, produceV10, produceV11];

test("a request to write is, byte for byte, the client's, in every version, in transactions too", () => {
  const place = fc.record({ topic: fc.constantFrom("scored", "aside"), partition: fc.nat(3) });
  const batches = fc.uniqueArray(fc.tuple(place, fc.array(anyRecord, { minLength: 1, maxLength: 4 })), {
    selector: ([{ topic, partition }]) => `${topic}:${partition}`,
    minLength: 1,
    maxLength: 5,
  });
  const writer = fc.option(
    fc.record({
      id: fc.string({ minLength: 1 }),
      producer: fc.bigInt(0n, 2n ** 62n),
      epoch: fc.nat(32_767),
      before: fc.nat(2 ** 31 - 1),
    }),
  );
  fc.assert(
    fc.property(batches, writer, fc.constantFrom(...VERSIONS), (unsorted, own, { api, createRequest }) => {
      // As the client has them, and `PartitionBatches`.
      const given = unsorted.toSorted(([one], [other]) => one.partition - other.partition);
      const options =
        own === null
          ? {}
          : {
              transactionalId: own.id,
              producerId: own.producer,
              producerEpoch: own.epoch,
              sequences: new NumericMap([["scored:1", own.before]]),
            };
      const messages = given.flatMap(([{ topic, partition }, records]) =>
        messagesOf(records, topic, partition),
      );
      const produced = given.map(([to, records]) => ({ ...to, value: builderOf(records) }));
      const request = produceRequest(api.version, -1, 15_000, produced, options);
      expect(request.buffer).toEqual(createRequest(-1, 15_000, messages, options).buffer);
    }),
    { numRuns: 30 },
  );
});

test("keys go to the partitions that Kafka's clients choose", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(9), (key, before) => {
      const bytes = Buffer.concat([Buffer.alloc(before, 7), key]);
      expect(murmur2(bytes, before, bytes.length)).toBe(clientsMurmur2(Buffer.from(key)));
    }),
  );
});
