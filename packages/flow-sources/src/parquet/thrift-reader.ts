import { THRIFT_CODE as CODE, type ThriftStruct, type ThriftValue } from "./thrift-compact.ts";

/** Reads a struct from the start of the bytes. What is read refers to the bytes. @throws Error for what it does not know. */
export function readThriftStruct(bytes: Uint8Array): ThriftStruct {
  return { type: "struct", fields: new ThriftReader(bytes).fields() };
}

/** Reads the struct that begins at `start`. @returns it, and where the bytes behind it begin. @throws as `readThriftStruct` */
export function readThriftStructAt(
  bytes: Uint8Array,
  start: number,
): { readonly struct: ThriftStruct; readonly end: number } {
  const reader = new ThriftReader(bytes, start);
  const fields = reader.fields();
  return { struct: { type: "struct", fields }, end: reader.at };
}

/** A struct that takes the room of its bytes, and is read each time when it is looked into. */
export function storedStruct(bytes: Uint8Array): ThriftStruct {
  return new StoredStruct(bytes);
}

class StoredStruct implements ThriftStruct {
  readonly type = "struct";
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get fields(): ReadonlyMap<number, ThriftValue> {
    return new ThriftReader(this.bytes).fields();
  }
}

/** Bits of the ten bytes that 64 bits take, seven in each. */
const LONGEST_INTEGER = 70n;
const LONGEST_BYTES = 10;

/** So many are put together as a number of 31 bits. */
const SMALL_BITS = 28;

/** Fields have numbers of 16 bits. */
const LARGEST_FIELD = 2 ** 15 - 1;

class ThriftReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, start = 0) {
    this.#bytes = bytes;
    this.#at = start;
  }

  get at(): number {
    return this.#at;
  }

  fields(): ReadonlyMap<number, ThriftValue> {
    const fields = new Map<number, ThriftValue>();
    this.#eachField((id, code) => fields.set(id, this.#read(code)));
    return fields;
  }

  #eachField(visit: (id: number, code: number) => void): void {
    for (let id = 0; ; ) {
      const head = this.#next();
      if (head === 0) return;
      id = head >> 4 === 0 ? Number(this.#zigzag()) : id + (head >> 4);
      if (Math.abs(id) > LARGEST_FIELD) throw new Error(`read Thrift: a struct has a field ${id}`);
      visit(id, head & 15);
    }
  }

  #eachItem(visit: (code: number) => void): number {
    const head = this.#next();
    const length = head >> 4 === 15 ? Number(this.#varint()) : head >> 4;
    const code = head & 15;
    // In a list a boolean is a byte of its own, 1 where it is true.
    const areBooleans = code === CODE.true || code === CODE.false;
    for (let item = 0; item < length; item++) {
      visit(areBooleans ? (this.#next() === CODE.true ? CODE.true : CODE.false) : code);
    }
    return code;
  }

  #read(code: number): ThriftValue {
    switch (code) {
      case CODE.true:
      case CODE.false:
        return { type: "boolean", value: code === CODE.true };
      case CODE.byte:
        return { type: "byte", value: this.#next() };
      case CODE.i16:
      case CODE.i32:
      case CODE.i64:
        return { type: "integer", code, value: this.#zigzag() };
      case CODE.double:
        return { type: "double", value: this.#take(8) };
      case CODE.binary:
        return { type: "binary", value: this.#take(Number(this.#varint())) };
      case CODE.list: {
        const items: ThriftValue[] = [];
        const itemCode = this.#eachItem((own) => items.push(this.#read(own)));
        return { type: "list", code: itemCode, items };
      }
      default: {
        const start = this.#at;
        this.#skip(code);
        return new StoredStruct(this.#bytes.subarray(start, this.#at));
      }
    }
  }

  #skip(code: number): void {
    switch (code) {
      case CODE.true:
      case CODE.false:
        return;
      case CODE.byte:
        this.#next();
        return;
      case CODE.i16:
      case CODE.i32:
      case CODE.i64:
        this.#passVarint();
        return;
      case CODE.double:
        this.#pass(8);
        return;
      case CODE.binary:
        this.#pass(Number(this.#varint()));
        return;
      case CODE.list:
        this.#eachItem((own) => this.#skip(own));
        return;
      case CODE.struct:
        this.#eachField((_, own) => this.#skip(own));
        return;
      default:
        throw new Error(`read Thrift: type ${code} is not known here`);
    }
  }

  #next(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new Error("read Thrift: the bytes end too soon");
    return byte;
  }

  #take(length: number): Uint8Array {
    const start = this.#at;
    this.#pass(length);
    return this.#bytes.subarray(start, this.#at);
  }

  #pass(length: number): void {
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new Error("read Thrift: the bytes end too soon");
  }

  #varint(): bigint {
    // Most are small, and numbers are faster than bigints.
    let small = 0;
    for (let shift = 0; shift < SMALL_BITS; shift += 7) {
      const byte = this.#next();
      small |= (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt(small);
    }
    let value = BigInt(small);
    for (let shift = BigInt(SMALL_BITS); shift < LONGEST_INTEGER; shift += 7n) {
      const byte = this.#next();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw tooLong();
  }

  #passVarint(): void {
    for (let bytes = 0; bytes < LONGEST_BYTES; bytes++) if (this.#next() < 0x80) return;
    throw tooLong();
  }

  #zigzag(): bigint {
    const value = this.#varint();
    return (value >> 1n) ^ -(value & 1n);
  }
}

function tooLong(): Error {
  return new Error("read Thrift: a whole number has more than ten bytes");
}
