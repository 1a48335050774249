import { decodeUtf8 } from "../decoding/utf8.ts";

/** Where a vector's elements lie, and how many there are. */
export interface FlatVector {
  readonly at: number;
  readonly length: number;
}

/**
 * A table of a flatbuffer, read where it lies. Source: flatbuffers.dev/internals. Whatever a damaged one points to outside of its
 * bytes is thrown as a RangeError.
 */
export class FlatTable {
  readonly view: DataView;
  /** Where it lies in the view. */
  readonly at: number;
  readonly #fields: number;
  readonly #fieldsEnd: number;

  constructor(view: DataView, at: number) {
    this.view = view;
    this.at = at;
    this.#fields = at - view.getInt32(at, true);
    this.#fieldsEnd = view.getUint16(this.#fields, true);
  }

  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatTable(view, view.getUint32(0, true));
  }

  uint8(field: number): number {
    const place = this.#placeOf(field);
    return place === 0 ? 0 : this.view.getUint8(place);
  }

  int16(field: number, absent = 0): number {
    const place = this.#placeOf(field);
    return place === 0 ? absent : this.view.getInt16(place, true);
  }

  int32(field: number, absent = 0): number {
    const place = this.#placeOf(field);
    return place === 0 ? absent : this.view.getInt32(place, true);
  }

  /** Of 64 bits, as a number: what is beyond 2^53 is rounded, which no length in a stream is. */
  int64(field: number): number {
    const place = this.#placeOf(field);
    return place === 0 ? 0 : Number(this.view.getBigInt64(place, true));
  }

  /** Where what a field points to lies; undefined where it has nothing. */
  target(field: number): number | undefined {
    const place = this.#placeOf(field);
    return place === 0 ? undefined : pointed(this.view, place);
  }

  table(field: number): FlatTable | undefined {
    const at = this.target(field);
    return at === undefined ? undefined : new FlatTable(this.view, at);
  }

  /** @param stride bytes of an element */
  vector(field: number, stride: number): FlatVector {
    const at = this.target(field);
    if (at === undefined) return { at: 0, length: 0 };
    const length = this.view.getUint32(at, true);
    if (at + 4 + length * stride > this.view.byteLength) throw new RangeError("a vector goes over the end");
    return { at: at + 4, length };
  }

  tables(field: number): FlatTable[] {
    const { at, length } = this.vector(field, 4);
    return Array.from({ length }, (_, i) => new FlatTable(this.view, pointed(this.view, at + 4 * i)));
  }

  /** Empty where there is none. */
  text(field: number): string {
    const { at, length } = this.vector(field, 1);
    const text = decodeUtf8(new Uint8Array(this.view.buffer, this.view.byteOffset + at, length));
    if (text === undefined) throw new RangeError("a name is no UTF-8");
    return text;
  }

  /** 0 for a field that is absent. */
  #placeOf(field: number): number {
    const entry = 4 + 2 * field;
    if (entry >= this.#fieldsEnd) return 0;
    const offset = this.view.getUint16(this.#fields + entry, true);
    return offset === 0 ? 0 : this.at + offset;
  }
}

/** Offsets point ahead, so that nothing goes in a circle. */
function pointed(view: DataView, place: number): number {
  const offset = view.getUint32(place, true);
  if (offset === 0) throw new RangeError("an offset points to itself");
  return place + offset;
}
