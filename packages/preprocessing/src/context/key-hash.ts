const LEAST_ROOM = 256;

/** Stands between texts: no byte of theirs is 255. */
const BETWEEN = 0xff;

/**
 * Keys of 64 bits for texts: HalfSipHash-2-4, whose values nobody foresees who has not its key, so that nobody picks texts that
 * share one. Among a million texts the chance that any two do is 1 in 37 million.
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, and its reference implementation.
 */
export class KeyHash {
  /** The two halves of the last key. */
  low = 0;
  high = 0;
  readonly #key: readonly [number, number];
  #bytes = new Uint8Array(LEAST_ROOM);

  constructor(key: readonly [number, number]) {
    this.#key = key;
  }

  /** Makes the key of a list of texts: equal lists have equal ones. */
  ofTexts(...texts: readonly string[]): void {
    let length = 0;
    for (let i = 0; i < texts.length; i++) length = this.#write(texts[i] as string, length);
    this.ofBytes(this.#bytes, length);
  }

  /** Makes the key of the first `length` bytes. */
  ofBytes(bytes: Uint8Array, length: number): void {
    const [k0, k1] = this.#key;
    let v0 = k0 | 0;
    let v1 = k1 ^ 0xee;
    let v2 = 0x6c796765 ^ k0;
    let v3 = 0x74656462 ^ k1;
    // Two rounds a word of four bytes, the last of which has what is left, and the length; then twice four. One loop for all:
    // what a function within this one changed would lie in memory, and not in registers.
    const words = (length >> 2) + 1;
    for (let i = 0; i < words + 2; i++) {
      let word = 0;
      if (i < words) {
        word = i < words - 1 ? wordAt(bytes, 4 * i) : lastWord(bytes, 4 * i, length);
        v3 ^= word;
      } else if (i === words) v2 ^= 0xee;
      else {
        this.low = (v1 ^ v3) >>> 0;
        v1 ^= 0xdd;
      }
      for (let left = i < words ? 2 : 4; left > 0; left--) {
        v0 = (v0 + v1) | 0;
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
        v0 = (v0 << 16) | (v0 >>> 16);
        v2 = (v2 + v3) | 0;
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
        v0 = (v0 + v3) | 0;
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
        v2 = (v2 + v1) | 0;
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
        v2 = (v2 << 16) | (v2 >>> 16);
      }
      v0 ^= word;
    }
    this.high = (v1 ^ v3) >>> 0;
  }

  /** Code units beyond ASCII take three bytes each, which tells all texts apart. */
  #write(text: string, from: number): number {
    const most = from + 3 * text.length + 1;
    if (most > this.#bytes.length) {
      const longer = new Uint8Array(2 * most);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    const bytes = this.#bytes;
    let to = from;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) bytes[to++] = unit;
      else {
        bytes[to++] = 0xe0 | (unit >> 12);
        bytes[to++] = 0x80 | ((unit >> 6) & 0x3f);
        bytes[to++] = 0x80 | (unit & 0x3f);
      }
    }
    bytes[to++] = BETWEEN;
    return to;
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  const byte = (k: number): number => bytes[at + k] as number;
  return byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24);
}

function lastWord(bytes: Uint8Array, at: number, length: number): number {
  let word = length << 24;
  for (let k = at; k < length; k++) word |= (bytes[k] as number) << (8 * (k - at));
  return word;
}
