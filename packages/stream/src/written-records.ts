import type { WrittenRecord } from "./batch-builder.ts";
import type { ScoredValues } from "./flow-records.ts";
import { murmur2 } from "./murmur2.ts";
import { bytesAt, type TopicRecords } from "./topic-records.ts";
import { ByteCursor, varintBytes, writeVarint } from "./varints.ts";

/** Names of headers that a record that is put aside has beside its own. */
export const ASIDE_HEADER = {
  reason: "oddflow.reason",
  topic: "oddflow.topic",
  partition: "oddflow.partition",
  offset: "oddflow.offset",
} as const;

/** Why a record without a value is put aside. */
const TOMBSTONE = "it has no value (a tombstone)";

/** The partition of several that a record goes to: that of its key, as Kafka's own clients choose it; without a key that of its number. */
export function partitionOf({ bytes, keys, partitions }: TopicRecords, k: number, count: number): number {
  const key = bytesAt(bytes, keys[k] as number);
  if (key === undefined) return (partitions[k] as number) % count;
  return (murmur2(bytes, key.start, key.end) & 0x7fff_ffff) % count;
}

export function hasKey({ bytes, keys }: TopicRecords, k: number): boolean {
  return bytesAt(bytes, keys[k] as number) !== undefined;
}

/** Why a record is put aside; undefined where it is not. */
export function asideReason(
  { bytes, values }: TopicRecords,
  k: number,
  { reasons }: ScoredValues,
): string | undefined {
  const reason = reasons.get(k);
  return reason !== undefined && bytesAt(bytes, values[k] as number) === undefined ? TOMBSTONE : reason;
}

/** A record with what was written of its value in place of it: key, headers and time stay. */
export function scoredRecord(
  records: TopicRecords,
  k: number,
  written: { readonly bytes: Buffer; readonly ends: Uint32Array },
): WrittenRecord {
  const { bytes, ends } = written;
  return {
    time: records.times[k] as number,
    key: { bytes: records.bytes, start: records.keys[k] as number, end: records.values[k] as number },
    value: { bytes, start: ends[k - 1] ?? 0, end: ends[k] as number },
    headers: { bytes: records.bytes, start: records.headers[k] as number, end: records.ends[k] as number },
  };
}

/**
 * A record as it was, with headers behind its own that say why it is put aside and where it was.
 * @param keepsValue whether its value stays
 */
export function asideRecord(
  records: TopicRecords,
  k: number,
  topic: string,
  reason: string,
  keepsValue: boolean,
): WrittenRecord {
  const { bytes, keys, values, times, partitions, offsets } = records;
  const headers = withHeaders(records, k, [
    [ASIDE_HEADER.reason, reason],
    [ASIDE_HEADER.topic, topic],
    [ASIDE_HEADER.partition, String(partitions[k])],
    [ASIDE_HEADER.offset, String(offsets[k])],
  ]);
  return {
    time: times[k] as number,
    key: { bytes, start: keys[k] as number, end: values[k] as number },
    value: keepsValue ? bytesAt(bytes, values[k] as number) : undefined,
    headers: { bytes: headers, start: 0, end: headers.length },
  };
}

function withHeaders(
  { bytes, headers, ends }: TopicRecords,
  k: number,
  added: readonly (readonly [name: string, text: string])[],
): Buffer {
  const cursor = new ByteCursor(bytes, headers[k] as number);
  const count = varint(cursor.varint() + added.length);
  const texts = added.flat().flatMap((text) => [varint(Buffer.byteLength(text)), Buffer.from(text)]);
  return Buffer.concat([count, bytes.subarray(cursor.at, ends[k] as number), ...texts]);
}

function varint(value: number): Buffer {
  const bytes = Buffer.alloc(varintBytes(value));
  writeVarint(bytes, 0, value);
  return bytes;
}
