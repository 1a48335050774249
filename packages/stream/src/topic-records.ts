import type { JoinedValues, SpareMemory } from "./flow-records.ts";
import { type ByteRange, damaged, type RecordBatch, recordsIn } from "./record-batches.ts";
import { ByteCursor } from "./varints.ts";

/** Records of a topic, where they lie in bytes that came together: an array has one number of each, and may be longer. */
export interface TopicRecords {
  readonly count: number;
  /** The bytes of all, each as in a batch: "Record" in Kafka's documentation. */
  readonly bytes: Buffer;
  readonly partitions: Int32Array;
  /** Exact up to 2^53. */
  readonly offsets: Float64Array;
  /** Milliseconds since 1970; the year 73,000 for what is later. */
  readonly times: Float64Array;
  /** Where the key begins with its length, behind it the value with its own, behind it the headers with their number; and where these end. */
  readonly keys: Uint32Array;
  readonly values: Uint32Array;
  readonly headers: Uint32Array;
  readonly ends: Uint32Array;
}

/** The latest time that is told apart, and the earliest: two of them differ by what a varint has exactly. */
const LATEST = 2 ** 51;

/** A batch of a partition, of which records from a position on are wanted. */
export interface WantedBatch {
  readonly partition: number;
  readonly position: number;
  readonly batch: RecordBatch;
}

/** The records of batches, in their order. @throws Error where they are damaged */
export function readRecords(wanted: readonly WantedBatch[]): TopicRecords {
  const places = wanted.map(({ batch }) => recordsIn(batch));
  const bytes = joined(places);
  const most = wanted.reduce((sum, { batch }) => sum + batch.count, 0);
  const [partitions, offsets, times] = [new Int32Array(most), new Float64Array(most), new Float64Array(most)];
  const [keys, values, headers, ends] = [0, 1, 2, 3].map(() => new Uint32Array(most)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  const cursor = new ByteCursor(bytes);
  const isInPlace = bytes === places[0]?.bytes;
  let [count, joinedAt] = [0, 0];
  for (const [k, { partition, position, batch }] of wanted.entries()) {
    const { start, end } = places[k] as ByteRange;
    cursor.at = isInPlace ? start : joinedAt;
    joinedAt += end - start;
    const last = isInPlace ? end : joinedAt;
    for (let record = 0; record < batch.count; record++) {
      const length = cursor.varint();
      const recordEnd = cursor.at + length;
      // Its attributes, of which there are none yet.
      cursor.at++;
      const ownTime = batch.firstTime + cursor.varint();
      const offset = batch.firstOffset + cursor.varint();
      const key = cursor.at;
      cursor.skipBytes();
      const value = cursor.at;
      cursor.skipBytes();
      const header = cursor.at;
      if (length < 0 || header >= recordEnd || recordEnd > last)
        throw damaged(`record ${offset} of partition ${partition} reaches over its end`);
      cursor.at = recordEnd;
      if (offset < position) continue;
      partitions[count] = partition;
      offsets[count] = offset;
      times[count] = Math.max(-LATEST, Math.min(LATEST, batch.isAppendTime ? batch.maxTime : ownTime));
      keys[count] = key;
      values[count] = value;
      headers[count] = header;
      ends[count] = recordEnd;
      count++;
    }
  }
  return { count, bytes, partitions, offsets, times, keys, values, headers, ends };
}

/** The bytes that all lie in, joined where that is not one already. */
function joined(places: readonly ByteRange[]): Buffer {
  const [first] = places;
  if (first === undefined) return Buffer.alloc(0);
  if (places.every(({ bytes }) => bytes === first.bytes)) return first.bytes;
  return Buffer.concat(places.map(({ bytes, start, end }) => bytes.subarray(start, end)));
}

/** Where a key or a value lies that has its length before it; undefined where there is none. */
export function bytesAt(bytes: Buffer, at: number): ByteRange | undefined {
  const cursor = new ByteCursor(bytes, at);
  const length = cursor.varint();
  return length < 0 ? undefined : { bytes, start: cursor.at, end: cursor.at + length };
}

/** The values of records one behind the other; one that is absent is empty. @param spare whose memory they are put into */
export function joinValues({ count, bytes, values }: TopicRecords, spare: SpareMemory): JoinedValues {
  const cursor = new ByteCursor(bytes);
  const ends = new Uint32Array(count);
  let length = 0;
  for (let k = 0; k < count; k++) {
    cursor.at = values[k] as number;
    length += Math.max(0, cursor.varint());
    ends[k] = length;
  }
  const all = Buffer.from(spare.take(length), 0, length);
  let at = 0;
  for (let k = 0; k < count; k++) {
    const end = ends[k] as number;
    cursor.at = values[k] as number;
    cursor.varint();
    bytes.copy(all, at, cursor.at, cursor.at + end - at);
    at = end;
  }
  return { bytes: new Uint8Array(all.buffer, 0, length), ends };
}
