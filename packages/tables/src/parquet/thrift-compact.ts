/*
 * Thrift's compact protocol, as far as a Parquet footer needs it, without a schema: what is read can be changed and
 * written again, fields that nobody here knows included.
 * Source: github.com/apache/thrift, doc/specs/thrift-compact-protocol.md
 */

export type ThriftValue =
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "byte"; readonly value: number }
  | { readonly type: "integer"; readonly code: 4 | 5 | 6; readonly value: bigint }
  | { readonly type: "double" | "binary"; readonly value: Uint8Array }
  | { readonly type: "list"; readonly code: number; readonly items: readonly ThriftValue[] }
  | ThriftStruct;

/** Fields by their numbers, in the order in which they were written. */
export interface ThriftStruct {
  readonly type: "struct";
  readonly fields: ReadonlyMap<number, ThriftValue>;
}

const CODE = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  struct: 12,
};

/** Reads a struct from the start of the bytes. What is read refers to the bytes. @throws Error for what it does not know. */
export function readThriftStruct(bytes: Uint8Array): ThriftStruct {
  let at = 0;
  const next = (): number => {
    const byte = bytes[at++];
    if (byte === undefined) throw new Error("read Thrift: the bytes end too soon");
    return byte;
  };
  const take = (length: number): Uint8Array => {
    const taken = bytes.subarray(at, at + length);
    if (taken.length < length) throw new Error("read Thrift: the bytes end too soon");
    at += length;
    return taken;
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = next();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const zigzag = (): bigint => {
    const value = varint();
    return (value >> 1n) ^ -(value & 1n);
  };
  const read = (code: number): ThriftValue => {
    switch (code) {
      case CODE.true:
      case CODE.false:
        return { type: "boolean", value: code === CODE.true };
      case CODE.byte:
        return { type: "byte", value: next() };
      case 4:
      case 5:
      case 6:
        return { type: "integer", code, value: zigzag() };
      case CODE.double:
        return { type: "double", value: take(8) };
      case CODE.binary:
        return { type: "binary", value: take(Number(varint())) };
      case CODE.list: {
        const head = next();
        const length = head >> 4 === 15 ? Number(varint()) : head >> 4;
        const item = head & 15;
        // In a list a boolean is a byte of its own.
        const items = Array.from({ length }, () => (item <= CODE.false ? read(next()) : read(item)));
        return { type: "list", code: item, items };
      }
      case CODE.struct:
        return struct();
      default:
        throw new Error(`read Thrift: type ${code} is not known here`);
    }
  };
  const struct = (): ThriftStruct => {
    const fields = new Map<number, ThriftValue>();
    for (let id = 0; ; ) {
      const head = next();
      if (head === 0) return { type: "struct", fields };
      id = head >> 4 === 0 ? Number(zigzag()) : id + (head >> 4);
      fields.set(id, read(head & 15));
    }
  };
  return struct();
}

/** The bytes of a struct. */
export function writeThriftStruct(struct: ThriftStruct): Uint8Array {
  const pieces: Uint8Array[] = [];
  const byte = (...values: number[]): void => {
    pieces.push(Uint8Array.from(values));
  };
  const varint = (value: bigint): void => {
    const bytes: number[] = [];
    for (let rest = value; ; rest >>= 7n) {
      if (rest < 0x80n) {
        byte(...bytes, Number(rest));
        return;
      }
      bytes.push(Number(rest & 0x7fn) | 0x80);
    }
  };
  const zigzag = (value: bigint): void => varint(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));
  const codeOf = (value: ThriftValue): number => {
    switch (value.type) {
      case "boolean":
        return value.value ? CODE.true : CODE.false;
      case "integer":
        return value.code;
      default:
        return CODE[value.type];
    }
  };
  const write = (value: ThriftValue, inList: boolean): void => {
    switch (value.type) {
      case "boolean":
        if (inList) byte(codeOf(value));
        return;
      case "byte":
        byte(value.value);
        return;
      case "integer":
        zigzag(value.value);
        return;
      case "double":
        pieces.push(value.value);
        return;
      case "binary":
        varint(BigInt(value.value.length));
        pieces.push(value.value);
        return;
      case "list":
        if (value.items.length < 15) byte((value.items.length << 4) | value.code);
        else {
          byte(0xf0 | value.code);
          varint(BigInt(value.items.length));
        }
        for (const item of value.items) write(item, true);
        return;
      case "struct":
        fields(value);
        return;
    }
  };
  const fields = (value: ThriftStruct): void => {
    let before = 0;
    for (const [id, field] of value.fields) {
      const step = id - before;
      if (step > 0 && step < 16) byte((step << 4) | codeOf(field));
      else {
        byte(codeOf(field));
        zigzag(BigInt(id));
      }
      write(field, false);
      before = id;
    }
    byte(0);
  };
  fields(struct);
  return Buffer.concat(pieces);
}
