import { ZstdUnpacking } from "../framing/unpack-zstd.ts";
import { ArrowFault } from "./arrow-schema.ts";

const CODEC = { lz4: 0, zstd: 1 } as const;

/** Stands before each buffer of a batch with compression: how long it is without, -1 where it has none. */
const LENGTH_BYTES = 8;

type NumbersOf<Values> = {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Values;
  readonly BYTES_PER_ELEMENT: number;
};

/** The buffers of a record batch: bytes of its body, unpacked when somebody reads them. */
export class ArrowBuffers {
  readonly body: Uint8Array;
  /** Pairs of a place in the body and a length. */
  readonly places: BigInt64Array;
  /** Undefined where they are not compressed. */
  readonly codec: number | undefined;
  readonly #unpacked = new Map<number, Uint8Array>();

  constructor(body: Uint8Array, places: BigInt64Array, codec: number | undefined) {
    this.body = body;
    this.places = places;
    this.codec = codec;
  }

  /** As it stands in the body. @throws ArrowFault where it is not in there */
  stored(buffer: number): Uint8Array {
    const from = Number(this.places[2 * buffer]);
    const length = Number(this.places[2 * buffer + 1]);
    if (!(from >= 0 && length >= 0 && from + length <= this.body.length)) {
      throw new ArrowFault("it is damaged: a record batch's buffers are not in its body");
    }
    return this.body.subarray(from, from + length);
  }

  /** @throws ArrowFault where it is not in the body, or cannot be unpacked */
  bytes(buffer: number): Uint8Array {
    if (this.codec === undefined) return this.stored(buffer);
    let bytes = this.#unpacked.get(buffer);
    if (bytes === undefined) {
      bytes = unpack(this.stored(buffer), this.codec);
      this.#unpacked.set(buffer, bytes);
    }
    return bytes;
  }

  /** A buffer's numbers, where they lie if they can be read there. @throws ArrowFault where there are fewer than `length` */
  numbers<Values>(Numbers: NumbersOf<Values>, buffer: number, length: number): Values {
    const bytes = this.bytes(buffer);
    const size = Numbers.BYTES_PER_ELEMENT;
    if (bytes.length < length * size)
      throw new ArrowFault("it is damaged: a record batch's buffer is too short");
    const placed = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
    return new Numbers(placed.buffer, placed.byteOffset, length);
  }
}

function unpack(stored: Uint8Array, codec: number): Uint8Array {
  if (stored.length === 0) return stored;
  if (stored.length < LENGTH_BYTES) throw new ArrowFault("it is damaged: a compressed buffer is too short");
  const length = Number(new DataView(stored.buffer, stored.byteOffset, LENGTH_BYTES).getBigInt64(0, true));
  const packed = stored.subarray(LENGTH_BYTES);
  if (length === -1) return packed;
  if (codec !== CODEC.zstd) {
    throw new ArrowFault(
      `its buffers are compressed with ${codec === CODEC.lz4 ? "lz4" : "a codec that is not known"}; write it with zstd or without compression`,
    );
  }
  return unpackZstd(packed, length);
}

function unpackZstd(packed: Uint8Array, length: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  try {
    const unpacking = new ZstdUnpacking();
    pieces.push(...unpacking.feed(packed), ...unpacking.end());
  } catch (cause) {
    throw new ArrowFault("it is damaged: a buffer cannot be unpacked", { cause });
  }
  if (pieces.reduce((sum, piece) => sum + piece.length, 0) !== length) {
    throw new ArrowFault("it is damaged: a buffer is not as long as it says");
  }
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
