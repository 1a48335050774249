const [VARINT, FIXED_64, BYTES, FIXED_32] = [0, 1, 2, 5];
const LONGEST_VARINT = 10;

/** Reads the fields of a protobuf message, one after the other. Source: protobuf.dev, "Encoding". */
export class WireFields {
  readonly bytes: Uint8Array;
  /** The field's number. */
  number = 0;
  /** Of a varint; a bigint from 2^53 on. Undefined for another field. */
  value: number | bigint | undefined;
  /** Where the bytes of a field with a length are; both 0 for another field. */
  start = 0;
  end = 0;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Where the next field begins. */
  get at(): number {
    return this.#at;
  }

  /** Goes to the next field; "broken" for what is none. */
  next(): "field" | "end" | "broken" {
    if (this.#at === this.#end) return "end";
    const tag = this.readVarint();
    if (typeof tag !== "number" || tag < 8 || tag > 0xffffffff) return "broken";
    this.number = Math.floor(tag / 8);
    this.value = undefined;
    this.start = 0;
    this.end = 0;
    switch (tag % 8) {
      case VARINT:
        this.value = this.readVarint();
        return this.value === undefined ? "broken" : "field";
      case FIXED_64:
        return this.#skip(8);
      case FIXED_32:
        return this.#skip(4);
      case BYTES: {
        const length = this.readVarint();
        if (typeof length !== "number") return "broken";
        this.start = this.#at;
        this.end = this.#at + length;
        return this.#skip(length);
      }
      default:
        return "broken";
    }
  }

  /** A number without a tag; undefined where there is none, or it has not come whole. */
  readVarint(): number | bigint | undefined {
    let value = 0;
    for (let length = 0; length < LONGEST_VARINT; length++) {
      const byte = this.#at + length < this.#end ? this.bytes[this.#at + length] : undefined;
      if (byte === undefined) return undefined;
      value += (byte & 127) * 2 ** (7 * length);
      if (byte > 127) continue;
      const first = this.#at;
      this.#at += length + 1;
      return value <= Number.MAX_SAFE_INTEGER ? value : this.#longVarint(first);
    }
    return undefined;
  }

  #longVarint(first: number): bigint {
    let value = 0n;
    for (let at = this.#at - 1; at >= first; at--)
      value = (value << 7n) | BigInt((this.bytes[at] ?? 0) & 127);
    return BigInt.asUintN(64, value);
  }

  #skip(length: number): "field" | "broken" {
    if (this.#at + length > this.#end) return "broken";
    this.#at += length;
    return "field";
  }
}
