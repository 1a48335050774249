import { THRIFT_CODE as CODE, type ThriftStruct, type ThriftValue } from "@oddflow/flow-sources";

/** The bytes of a struct. */
export function writeThriftStruct(struct: ThriftStruct): Uint8Array {
  const writer = new ThriftWriter();
  writer.struct(struct);
  return writer.written();
}

class ThriftWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  written(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  struct(struct: ThriftStruct): void {
    if (struct.bytes) this.#add(struct.bytes);
    else this.#fields(struct.fields);
  }

  #fields(fields: ThriftStruct["fields"]): void {
    let before = 0;
    for (const [id, field] of fields) {
      const step = id - before;
      if (step > 0 && step < 16) this.#byte((step << 4) | codeOf(field));
      else {
        this.#byte(codeOf(field));
        this.#zigzag(BigInt(id));
      }
      if (field.type !== "boolean") this.#value(field);
      before = id;
    }
    this.#byte(0);
  }

  #value(value: ThriftValue): void {
    switch (value.type) {
      case "boolean":
        this.#byte(codeOf(value));
        break;
      case "byte":
        this.#byte(value.value);
        break;
      case "integer":
        this.#zigzag(value.value);
        break;
      case "double":
        this.#add(value.value);
        break;
      case "binary":
        this.#varint(BigInt(value.value.length));
        this.#add(value.value);
        break;
      case "list":
        this.#listHead(value.code, value.items.length);
        for (const item of value.items) this.#value(item);
        break;
      case "struct":
        this.struct(value);
    }
  }

  #listHead(code: number, length: number): void {
    if (length < 15) this.#byte((length << 4) | code);
    else {
      this.#byte(0xf0 | code);
      this.#varint(BigInt(length));
    }
  }

  #zigzag(value: bigint): void {
    this.#varint(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));
  }

  #varint(value: bigint): void {
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80);
    this.#byte(Number(rest));
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  #add(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#length + count));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

function codeOf(value: ThriftValue): number {
  switch (value.type) {
    case "boolean":
      return value.value ? CODE.true : CODE.false;
    case "integer":
      return value.code;
    default:
      return CODE[value.type];
  }
}
