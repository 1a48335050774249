/** The highest bit of a byte says that more of a varint comes; the others are seven of its bits, the lowest first. */
const [MORE, BITS] = [0x80, 0x7f];

/** Varints up to here are computed with 32 bits, longer ones with floating point: exact up to 2^53. */
const SHORT = 0x3fff_ffff;

/** The factor of a varint's tenth byte, the last that 64 bits take. */
const LAST_FACTOR = 2 ** 63;

const TWO_TO_32 = 2 ** 32;

/**
 * Reads numbers as Kafka writes them, from a place on. Source: "Protocol Primitive Types" in Kafka's documentation. A varint behind the end
 * reads as anything, and `at` tells; what has a fixed size throws a RangeError there.
 */
export class ByteCursor {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  unsignedVarint(): number {
    const first = this.bytes[this.at++] ?? 0;
    if (first < MORE) return first;
    let value = first & BITS;
    for (let factor = MORE; factor <= LAST_FACTOR; factor *= MORE) {
      const byte = this.bytes[this.at++] ?? 0;
      value += (byte & BITS) * factor;
      if (byte < MORE) break;
    }
    return value;
  }

  /** A number with its sign in the lowest bit (zigzag). */
  varint(): number {
    const value = this.unsignedVarint();
    if (value <= SHORT) return (value >>> 1) ^ -(value & 1);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Skips bytes with their length before them as a varint, -1 for none. */
  skipBytes(): void {
    const length = this.varint();
    if (length > 0) this.at += length;
  }

  int16(): number {
    const value = this.bytes.readInt16BE(this.at);
    this.at += 2;
    return value;
  }

  int32(): number {
    const value = this.bytes.readInt32BE(this.at);
    this.at += 4;
    return value;
  }

  /** Exact up to 2^53. */
  int64(): number {
    const high = this.int32();
    return high * TWO_TO_32 + (this.int32() >>> 0);
  }

  /** How many follow of what has its number before it, one more; 0 where there are none. */
  compactCount(): number {
    return Math.max(0, this.unsignedVarint() - 1);
  }

  skipTaggedFields(): void {
    for (let left = this.unsignedVarint(); left > 0 && this.at < this.bytes.length; left--) {
      this.unsignedVarint();
      const size = this.unsignedVarint();
      this.at += size;
    }
  }
}

/** How many bytes a varint with its sign takes. */
export function varintBytes(value: number): number {
  let left = zigzag(value);
  let bytes = 1;
  for (; left >= MORE; left = Math.floor(left / MORE)) bytes++;
  return bytes;
}

/** Writes a varint with its sign. @returns the place behind it */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let [left, place] = [zigzag(value), at];
  for (; left >= MORE; left = Math.floor(left / MORE)) bytes[place++] = (left % MORE) | MORE;
  bytes[place++] = left;
  return place;
}

function zigzag(value: number): number {
  return value >= 0 ? 2 * value : -2 * value - 1;
}
