import { Writer } from "@platformatic/kafka";
import fc from "fast-check";
import type { ByteRange } from "../src/record-batches.ts";
import { bytesAt, type TopicRecords } from "../src/topic-records.ts";
import { ByteCursor } from "../src/varints.ts";

/** A record as tests name it. */
export interface PlainRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [name: Buffer, value: Buffer | null])[];
  readonly time: number;
}

const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength, size: "max" }).map((own) => Buffer.from(own));

/** Records of every kind: no key, an empty one, names that come twice, values of no bytes and of many. */
export const anyRecord: fc.Arbitrary<PlainRecord> = fc.record({
  key: fc.option(bytes(40)),
  value: fc.option(fc.oneof(bytes(8), bytes(300), bytes(20_000))),
  headers: fc.array(
    fc.tuple(fc.oneof(bytes(12), fc.constant(Buffer.from("trace"))), fc.option(bytes(200), { nil: null })),
    {
      maxLength: 4,
    },
  ),
  // The client writes times that lie further apart than 31 bits wrongly.
  time: fc.integer({ min: 1.8e12, max: 1.8e12 + 2 ** 31 - 1 }),
});

/** As the client takes them. */
export function messagesOf(records: readonly PlainRecord[], topic = "t", partition = 0) {
  return records.map(({ key, value, headers, time }) => ({
    ...{ topic, partition, timestamp: BigInt(time) },
    ...{ key: key as Buffer, value: value as Buffer },
    // By buffers, of which two are two though they hold the same.
    headers: new Map(headers.map(([name, content]) => [Buffer.from(name), content as Buffer])),
  }));
}

/** What was read, as tests name it. */
export function plainRecords(records: TopicRecords): PlainRecord[] {
  return Array.from({ length: records.count }, (_, k) => ({
    key: bufferAt(records.bytes, records.keys[k] as number),
    value: bufferAt(records.bytes, records.values[k] as number),
    headers: headersAt(records.bytes, records.headers[k] as number),
    time: records.times[k] as number,
  }));
}

function bufferAt(all: Buffer, at: number): Buffer | null {
  const range = bytesAt(all, at);
  return range === undefined ? null : all.subarray(range.start, range.end);
}

function headersAt(all: Buffer, at: number): PlainRecord["headers"] {
  const cursor = new ByteCursor(all, at);
  return Array.from({ length: cursor.varint() }, () => {
    const [name, value] = [0, 1].map(() => {
      const own = bufferAt(all, cursor.at);
      cursor.skipBytes();
      return own;
    });
    return [name as Buffer, value ?? null] as const;
  });
}

export interface PlainBatch {
  readonly first: number;
  readonly last: number;
  readonly attributes?: number;
  readonly producer?: number;
  readonly records: readonly {
    readonly delta: number;
    readonly key: Buffer | null;
    readonly value: Buffer | null;
  }[];
}

/** A batch whose offsets may have gaps, with the times 1000 + delta, the latest said to be 2000. */
export function batchBytes({ first, last, attributes = 0, producer = -1, records }: PlainBatch): Buffer {
  const body = Writer.create();
  for (const { delta, key, value } of records)
    body.appendFrom(
      Writer.create()
        .appendInt8(0)
        .appendVarInt64(BigInt(delta))
        .appendVarInt(delta)
        .appendVarIntBytes(key)
        .appendVarIntBytes(value)
        .appendVarInt(0)
        .prependVarIntLength(),
    );
  return Writer.create()
    .appendInt64(BigInt(first))
    .appendInt32(49 + body.length)
    .appendInt32(0)
    .appendInt8(2)
    .appendUnsignedInt32(0)
    .appendInt16(attributes)
    .appendInt32(last - first)
    .appendInt64(1000n)
    .appendInt64(2000n)
    .appendInt64(BigInt(producer))
    .appendInt16(0)
    .appendInt32(0)
    .appendInt32(records.length)
    .appendFrom(body).buffer;
}

export function rangeOf(all: Buffer): ByteRange {
  return { bytes: all, start: 0, end: all.length };
}
