import { OddflowError } from "@oddflow/preprocessing";
import { compressionsAlgorithmsByBitmask } from "@platformatic/kafka";
import { ByteCursor } from "./varints.ts";

/**
 * Places in a batch of records. Source: "Record Batch" in Kafka's documentation, format 2.
 * baseOffset int64, batchLength int32, partitionLeaderEpoch int32, magic int8, crc uint32, attributes int16, lastOffsetDelta int32,
 * baseTimestamp int64, maxTimestamp int64, producerId int64, producerEpoch int16, baseSequence int32, recordsCount int32, records
 */
export const BATCH_PLACE = {
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  firstTime: 27,
  maxTime: 35,
  producerId: 43,
  producerEpoch: 51,
  firstSequence: 53,
  count: 57,
  records: 61,
} as const;

/** The format that is read and written. */
export const BATCH_FORMAT = 2;

/** Bits of a batch's attributes. */
const [COMPRESSION, LOG_APPEND_TIME, CONTROL] = [7, 1 << 3, 1 << 5];
export const TRANSACTIONAL: number = 1 << 4;

/** The fewest bytes of a record: each of its seven fields takes one. */
const LEAST_RECORD_BYTES = 7;

/** A batch of records as it lies in a topic. Numbers of 64 bits are exact up to 2^53. */
export interface RecordBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** Milliseconds since 1970, of its first record and the latest. */
  readonly firstTime: number;
  readonly maxTime: number;
  /** Whether records have the time at which the broker had them, which is `maxTime`, and not their own. */
  readonly isAppendTime: boolean;
  readonly producerId: number;
  readonly isTransactional: boolean;
  /** Whether it says how a transaction ended. */
  readonly isControl: boolean;
  readonly compression: number;
  readonly count: number;
  /** Where its records lie, packed where `compression` is not 0. */
  readonly records: ByteRange;
}

export interface ByteRange {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * The batches of a partition, one behind the other. What a fetch has cut off at the end is left out.
 * @throws OddflowError BROKER_REFUSED for formats before 2; Error for what is no batch
 */
export function batchesIn({ bytes, start, end }: ByteRange): readonly RecordBatch[] {
  const batches: RecordBatch[] = [];
  let at = start;
  while (end - at >= BATCH_PLACE.leaderEpoch) {
    const next = at + BATCH_PLACE.leaderEpoch + bytes.readInt32BE(at + BATCH_PLACE.length);
    if (next > end) break;
    if (next > at + BATCH_PLACE.magic && bytes[at + BATCH_PLACE.magic] !== BATCH_FORMAT) throw oldFormat();
    if (next < at + BATCH_PLACE.records) throw damaged("a batch is shorter than its head");
    batches.push(batchAt(bytes, at, next));
    at = next;
  }
  return batches;
}

function batchAt(bytes: Buffer, at: number, end: number): RecordBatch {
  const cursor = new ByteCursor(bytes, at);
  const firstOffset = cursor.int64();
  cursor.at = at + BATCH_PLACE.attributes;
  const attributes = cursor.int16();
  return {
    firstOffset,
    lastOffset: firstOffset + cursor.int32(),
    firstTime: cursor.int64(),
    maxTime: cursor.int64(),
    isAppendTime: (attributes & LOG_APPEND_TIME) !== 0,
    producerId: cursor.int64(),
    isTransactional: (attributes & TRANSACTIONAL) !== 0,
    isControl: (attributes & CONTROL) !== 0,
    compression: attributes & COMPRESSION,
    count: bytes.readInt32BE(at + BATCH_PLACE.count),
    records: { bytes, start: at + BATCH_PLACE.records, end },
  };
}

/** The records of a batch, unpacked. @throws Error where they cannot be unpacked, or are too few bytes for their number */
export function recordsIn({ compression, count, records }: RecordBatch): ByteRange {
  const unpacked = compression === 0 ? records : unpack(compression, records);
  if (count < 0 || count * LEAST_RECORD_BYTES > unpacked.end - unpacked.start)
    throw damaged(`${count} records are said to be in ${unpacked.end - unpacked.start} bytes`);
  return unpacked;
}

function unpack(compression: number, { bytes, start, end }: ByteRange): ByteRange {
  const algorithm = compressionsAlgorithmsByBitmask[compression];
  if (algorithm === undefined) throw damaged(`no compression has the number ${compression}`);
  const unpacked = algorithm.decompressSync(bytes.subarray(start, end));
  return { bytes: unpacked, start: 0, end: unpacked.length };
}

/** What a broker has given is not what its protocol says. */
export function damaged(what: string): Error {
  return new Error(`records that a broker gave are damaged: ${what}`);
}

function oldFormat(): OddflowError {
  return new OddflowError(
    "BROKER_REFUSED",
    "stream: the topic holds records in a format of before Kafka 0.11, which is not read; copy them with Kafka's own tools",
  );
}
