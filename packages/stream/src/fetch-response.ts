import { ResponseError } from "@platformatic/kafka";
import { type ByteRange, damaged } from "./record-batches.ts";
import { ByteCursor } from "./varints.ts";

/** What a broker gives of a partition. Numbers of 64 bits are exact up to 2^53. */
export interface FetchedPartition {
  readonly partitionIndex: number;
  /** How far it reaches. */
  readonly highWatermark: number;
  readonly abortedTransactions: readonly { readonly producerId: number; readonly firstOffset: number }[];
  /** Batches of records one behind the other, the last maybe cut off. */
  readonly batches: ByteRange;
}

export interface FetchResponse {
  /** What all batches lie in. */
  readonly bytes: Buffer;
  readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[];
}

const [FETCH, UUID_BYTES] = [1, 16];

/** From which version on topics have numbers in place of names. */
const WITH_TOPIC_IDS = 13;

/**
 * Reads the answer to a fetch, versions 12 to 17, and leaves batches as they are. Source: "Fetch API" in Kafka's documentation.
 * @throws ResponseError, as the client does, where the broker says that something failed; Error for what is no answer
 */
export function readFetchResponse(bytes: Buffer, version: number): FetchResponse {
  const cursor = new ByteCursor(bytes);
  const failures: Record<string, [number, null]> = {};
  const failed = (path: string, code: number): void => {
    if (code !== 0) failures[path] = [code, null];
  };
  // How long the broker has held back.
  cursor.int32();
  failed("", cursor.int16());
  // The session, of which there is none.
  cursor.int32();
  const responses = several(cursor, (topic) => {
    const nameBytes = version < WITH_TOPIC_IDS ? cursor.compactCount() : UUID_BYTES;
    cursor.at += nameBytes;
    return {
      partitions: several(cursor, (place) =>
        partitionAt(cursor, (code) => failed(`/responses/${topic}/partitions/${place}`, code)),
      ),
    };
  });
  if (cursor.at > bytes.length) throw damaged("an answer ends too early");
  if (Object.keys(failures).length > 0) throw new ResponseError(FETCH, version, failures, { responses });
  return { bytes, responses };
}

function partitionAt(cursor: ByteCursor, failed: (code: number) => void): FetchedPartition {
  const partitionIndex = cursor.int32();
  failed(cursor.int16());
  const highWatermark = cursor.int64();
  // The last stable offset, and the first one.
  cursor.at += 16;
  const abortedTransactions = several(cursor, () => ({
    producerId: cursor.int64(),
    firstOffset: cursor.int64(),
  }));
  // The replica that the broker would rather have asked.
  cursor.at += 4;
  const length = cursor.compactCount();
  const start = cursor.at;
  cursor.at += length;
  if (cursor.at > cursor.bytes.length) throw damaged("an answer ends too early");
  const batches = { bytes: cursor.bytes, start, end: cursor.at };
  return { partitionIndex, highWatermark, abortedTransactions, batches };
}

/** An array whose items have tagged fields at their end, which are skipped. */
function several<Item>(cursor: ByteCursor, read: (place: number) => Item): Item[] {
  const items: Item[] = [];
  for (let count = cursor.compactCount(); items.length < count; ) {
    items.push(read(items.length));
    cursor.skipTaggedFields();
  }
  return items;
}
