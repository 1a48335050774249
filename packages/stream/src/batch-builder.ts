import { crc32c, Reader } from "@platformatic/kafka";
import { BATCH_FORMAT, BATCH_PLACE, type ByteRange, TRANSACTIONAL } from "./record-batches.ts";
import { varintBytes, writeVarint } from "./varints.ts";

/** A record to be written. */
export interface WrittenRecord {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The key behind its length, and the headers behind their number, as in a batch: "Record" in Kafka's documentation. */
  readonly key: ByteRange;
  readonly headers: ByteRange;
  /** Undefined for none. */
  readonly value: ByteRange | undefined;
}

/** Who writes a batch. */
export interface BatchWriter {
  /** -1 for one whose records are not numbered. */
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** The number of the batch's first record. */
  readonly firstSequence: number;
  readonly isTransactional: boolean;
}

/** Memory that a builder goes on with, at most. */
const KEPT_BYTES = 2 << 20;

/** Up to so many bytes a loop takes less time than a call. */
const FEW_BYTES = 24;

/** The length of a value that is absent. */
const ABSENT = -1;

/** Makes a batch of records, without compression. */
export class BatchBuilder {
  #bytes: Buffer = Buffer.alloc(BATCH_PLACE.records);
  #end: number = BATCH_PLACE.records;
  #count = 0;
  #firstTime = 0;
  #maxTime = 0;

  /** How many records it has. */
  get count(): number {
    return this.#count;
  }

  /** How many bytes the batch would have with a record more. */
  bytesWith(record: WrittenRecord): number {
    const length = this.#lengthOf(record);
    return this.#end + varintBytes(length) + length;
  }

  add(record: WrittenRecord): void {
    const { time, key, value, headers } = record;
    const length = this.#lengthOf(record);
    const bytes = this.#reserve(varintBytes(length) + length);
    if (this.#count === 0) this.#firstTime = this.#maxTime = time;
    let at = writeVarint(bytes, this.#end, length);
    // Its attributes, of which there are none yet.
    bytes[at++] = 0;
    at = writeVarint(bytes, at, time - this.#firstTime);
    at = writeVarint(bytes, at, this.#count);
    at = copyRange(key, bytes, at);
    at = writeVarint(bytes, at, value === undefined ? ABSENT : value.end - value.start);
    if (value !== undefined) at = copyRange(value, bytes, at);
    this.#end = copyRange(headers, bytes, at);
    this.#count++;
    this.#maxTime = Math.max(this.#maxTime, time);
  }

  /** The whole batch. It holds until `clear` or a record more. */
  finish({ producerId, producerEpoch, firstSequence, isTransactional }: BatchWriter): Buffer {
    const bytes = this.#bytes;
    bytes.fill(0, 0, BATCH_PLACE.records);
    bytes.writeInt32BE(this.#end - BATCH_PLACE.leaderEpoch, BATCH_PLACE.length);
    bytes[BATCH_PLACE.magic] = BATCH_FORMAT;
    bytes.writeInt16BE(isTransactional ? TRANSACTIONAL : 0, BATCH_PLACE.attributes);
    bytes.writeInt32BE(this.#count - 1, BATCH_PLACE.lastOffsetDelta);
    bytes.writeBigInt64BE(BigInt(this.#firstTime), BATCH_PLACE.firstTime);
    bytes.writeBigInt64BE(BigInt(this.#maxTime), BATCH_PLACE.maxTime);
    bytes.writeBigInt64BE(producerId, BATCH_PLACE.producerId);
    bytes.writeInt16BE(producerEpoch, BATCH_PLACE.producerEpoch);
    bytes.writeInt32BE(firstSequence, BATCH_PLACE.firstSequence);
    bytes.writeInt32BE(this.#count, BATCH_PLACE.count);
    // The client's own kind of buffer is the one that it does not copy.
    const { buffer: checked } = Reader.from(bytes.subarray(BATCH_PLACE.attributes, this.#end));
    bytes.writeUInt32BE(crc32c(checked), BATCH_PLACE.crc);
    return bytes.subarray(0, this.#end);
  }

  clear(): void {
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.alloc(BATCH_PLACE.records);
    this.#end = BATCH_PLACE.records;
    this.#count = 0;
  }

  #lengthOf(record: WrittenRecord): number {
    return recordLength(record, this.#count, this.#count === 0 ? 0 : record.time - this.#firstTime);
  }

  #reserve(more: number): Buffer {
    const needed = this.#end + more;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#end);
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}

/** How many bytes a batch has that is of one record. */
export function bytesAlone(record: WrittenRecord): number {
  const length = recordLength(record, 0, 0);
  return BATCH_PLACE.records + varintBytes(length) + length;
}

/** The bytes of what stands behind a record's own length. */
function recordLength({ key, value, headers }: WrittenRecord, number: number, later: number): number {
  const valueLength = value === undefined ? ABSENT : value.end - value.start;
  const lengths = varintBytes(later) + varintBytes(number) + varintBytes(valueLength);
  return 1 + lengths + (key.end - key.start) + Math.max(0, valueLength) + (headers.end - headers.start);
}

/** @returns the place behind it */
function copyRange({ bytes, start, end }: ByteRange, to: Buffer, at: number): number {
  if (end - start > FEW_BYTES) bytes.copy(to, at, start, end);
  else for (let k = start; k < end; k++) to[at + k - start] = bytes[k] as number;
  return at + end - start;
}
