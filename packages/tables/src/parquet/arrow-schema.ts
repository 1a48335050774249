/*
 * The Arrow schema that writers keep in a Parquet file's `ARROW:schema`, as an IPC message in base64: what Parquet's own schema
 * does not say (time zones, dictionaries, durations) is read from it. It is extended without being understood: a new beginning
 * goes before the old bytes and points into them, so that fields of any kind stay what they are.
 * Source: Arrow's format/Message.fbs and format/Schema.fbs, "Encapsulated message format", and FlatBuffers' internals.
 */

/** The places of fields in FlatBuffers' tables. */
const MESSAGE = { version: 0, headerType: 1, header: 2, metadata: 4 };
const SCHEMA = { endianness: 0, fields: 1, metadata: 2, features: 3 };

const FIELD = { name: 0, nullable: 1, typeCode: 2, type: 3, dictionary: 4, children: 5 };

/** Fields nested deeper than this are no flow's. */
const DEEPEST_NESTING = 100;

const HEADER_SCHEMA = 1;
const TYPE = { float: 3, text: 5, boolean: 6, timestamp: 10, list: 12 } as const;
const SINGLE_PRECISION = 1;

/** Before a message's length, since Arrow 0.15. */
const CONTINUATION = 0xffffffff;

/** A column to add; all may hold nulls. */
export interface ArrowColumn {
  readonly name: string;
  readonly type: "float" | "boolean" | "text" | "texts";
}

/**
 * @param base64 the value of `ARROW:schema`
 * @param columns how many columns the file has
 * @param kept the places of the columns that stay, in their order
 * @returns the value for a file of these and the added columns; undefined where it is not understood
 */
export function extendArrowSchema(
  base64: string,
  columns: number,
  kept: readonly number[],
  added: readonly ArrowColumn[],
): string | undefined {
  try {
    const old = messageOf(Buffer.from(base64, "base64"));
    const message = old.getUint32(0, true);
    const header = follow(old, message, MESSAGE.header);
    const fields = header === undefined ? undefined : follow(old, header, SCHEMA.fields);
    const isSchema = slot(old, message, MESSAGE.headerType);
    if (header === undefined || fields === undefined || isSchema === undefined) return undefined;
    if (old.getUint8(isSchema) !== HEADER_SCHEMA || old.getUint32(fields, true) !== columns) return undefined;
    return encapsulated(prefixed(old, message, header, fields, kept, added)).toString("base64");
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Whether two schemas have fields of the same names and types, whatever else they say. */
export function areSameFields(base64: string, other: string): boolean {
  try {
    const [one, two] = [base64, other].map(describeFields);
    return one !== undefined && one === two;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function describeFields(base64: string): string | undefined {
  const view = messageOf(Buffer.from(base64, "base64"));
  const header = follow(view, view.getUint32(0, true), MESSAGE.header);
  const fields = header === undefined ? undefined : follow(view, header, SCHEMA.fields);
  return fields === undefined ? undefined : describeList(view, fields, 0);
}

function describeList(view: DataView, list: number, depth: number): string {
  if (depth > DEEPEST_NESTING) throw new RangeError("nested too deep");
  const items = Array.from({ length: view.getUint32(list, true) }, (_, i) => {
    const at = list + 4 + 4 * i;
    return describeField(view, at + view.getUint32(at, true), depth);
  });
  return `[${items.join(",")}]`;
}

/** A field's name and type: the first parameter of any type (width, unit, precision), and the zone of a time. */
function describeField(view: DataView, field: number, depth: number): string {
  const name = follow(view, field, FIELD.name);
  const code = slot(view, field, FIELD.typeCode);
  const type = follow(view, field, FIELD.type);
  const parameter = type === undefined ? undefined : slot(view, type, 0);
  const zone =
    type !== undefined && code !== undefined && view.getUint8(code) === TYPE.timestamp
      ? follow(view, type, 1)
      : undefined;
  const children = follow(view, field, FIELD.children);
  return JSON.stringify([
    name === undefined ? "" : textAt(view, name),
    code === undefined ? 0 : view.getUint8(code),
    parameter === undefined ? 0 : view.getInt16(parameter, true),
    zone === undefined ? "" : textAt(view, zone),
    follow(view, field, FIELD.dictionary) !== undefined,
    children === undefined ? "" : describeList(view, children, depth + 1),
  ]);
}

function textAt(view: DataView, place: number): string {
  const length = view.getUint32(place, true);
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + place + 4, length));
}

/** The FlatBuffer of an encapsulated message. */
function messageOf(bytes: Buffer): DataView {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = view.getUint32(0, true) === CONTINUATION ? 8 : 4;
  const length = view.getInt32(start - 4, true);
  return new DataView(bytes.buffer, bytes.byteOffset + start, length);
}

function encapsulated(message: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(CONTINUATION, 0);
  head.writeInt32LE(message.length, 4);
  return Buffer.concat([head, message]);
}

/** The old buffer behind a new message, schema and list of fields. */
function prefixed(
  old: DataView,
  message: number,
  header: number,
  fields: number,
  kept: readonly number[],
  added: readonly ArrowColumn[],
): Uint8Array {
  const builder = new ForwardBuilder(4096 + 8 * (kept.length + added.length));
  const root = builder.hole();
  const number = (table: number, id: number): Scalar | undefined => {
    const place = slot(old, table, id);
    return place === undefined ? undefined : { bytes: 2, value: old.getInt16(place, true) };
  };
  const newMessage = builder.table({
    [MESSAGE.version]: number(message, MESSAGE.version),
    [MESSAGE.headerType]: { bytes: 1, value: HEADER_SCHEMA },
    [MESSAGE.header]: "hole",
    [MESSAGE.metadata]: follow(old, message, MESSAGE.metadata) === undefined ? undefined : "hole",
  });
  const newSchema = builder.table({
    [SCHEMA.endianness]: number(header, SCHEMA.endianness),
    [SCHEMA.fields]: "hole",
    [SCHEMA.metadata]: follow(old, header, SCHEMA.metadata) === undefined ? undefined : "hole",
    [SCHEMA.features]: follow(old, header, SCHEMA.features) === undefined ? undefined : "hole",
  });
  const list = builder.list(kept.length + added.length);
  builder.point(root, newMessage.place);
  builder.point(newMessage.hole(MESSAGE.header), newSchema.place);
  builder.point(newSchema.hole(SCHEMA.fields), list.place);
  for (const [i, column] of added.entries())
    builder.point(list.hole(kept.length + i), addField(builder, column));
  const start = builder.finish();
  kept.forEach((place, i) => {
    const at = fields + 4 + 4 * place;
    builder.point(list.hole(i), start + at + old.getUint32(at, true));
  });
  const pointOld = (from: { hole(id: number): number }, id: number, table: number, oldId: number): void => {
    const place = follow(old, table, oldId);
    if (place !== undefined) builder.point(from.hole(id), start + place);
  };
  pointOld(newMessage, MESSAGE.metadata, message, MESSAGE.metadata);
  pointOld(newSchema, SCHEMA.metadata, header, SCHEMA.metadata);
  pointOld(newSchema, SCHEMA.features, header, SCHEMA.features);
  return Buffer.concat([builder.bytes(), new Uint8Array(old.buffer, old.byteOffset, old.byteLength)]);
}

function addField(builder: ForwardBuilder, { name, type }: ArrowColumn): number {
  const code = { float: TYPE.float, boolean: TYPE.boolean, text: TYPE.text, texts: TYPE.list }[type];
  const field = builder.table({
    [FIELD.name]: "hole",
    [FIELD.nullable]: { bytes: 1, value: 1 },
    [FIELD.typeCode]: { bytes: 1, value: code },
    [FIELD.type]: "hole",
    [FIELD.children]: "hole",
  });
  builder.point(field.hole(FIELD.name), builder.text(name));
  const own = builder.table(type === "float" ? { 0: { bytes: 2, value: SINGLE_PRECISION } } : {});
  builder.point(field.hole(FIELD.type), own.place);
  const children = builder.list(type === "texts" ? 1 : 0);
  builder.point(field.hole(FIELD.children), children.place);
  if (type === "texts") builder.point(children.hole(0), addField(builder, { name: "element", type: "text" }));
  return field.place;
}

/** Where a table's field is; undefined where the table lacks it. */
function slot(view: DataView, table: number, id: number): number | undefined {
  const layout = table - view.getInt32(table, true);
  if (4 + 2 * id >= view.getUint16(layout, true)) return undefined;
  const offset = view.getUint16(layout + 4 + 2 * id, true);
  return offset === 0 ? undefined : table + offset;
}

/** What a table's field points to. */
function follow(view: DataView, table: number, id: number): number | undefined {
  const place = slot(view, table, id);
  return place === undefined ? undefined : place + view.getUint32(place, true);
}

interface Scalar {
  readonly bytes: 1 | 2;
  readonly value: number;
}

/** Writes a FlatBuffer from its start on; what points forward is filled in when it is known where to. */
class ForwardBuilder {
  readonly #view: DataView;
  #at = 0;

  constructor(capacity: number) {
    this.#view = new DataView(new ArrayBuffer(capacity));
  }

  hole(): number {
    this.#at += 4;
    return this.#at - 4;
  }

  point(hole: number, to: number): void {
    this.#view.setUint32(hole, to - hole, true);
  }

  /** A table whose fields, by their places, are numbers or point to something. */
  table(fields: Readonly<Record<number, Scalar | "hole" | undefined>>): {
    readonly place: number;
    hole(id: number): number;
  } {
    const present = Object.entries(fields).flatMap(([id, field]) =>
      field ? [[Number(id), field] as const] : [],
    );
    const count = Math.max(-1, ...present.map(([id]) => id)) + 1;
    const layout = this.#at;
    const place = align(layout + 4 + 2 * count, 4);
    this.#view.setUint16(layout, 4 + 2 * count, true);
    this.#view.setUint16(layout + 2, 4 + 4 * present.length, true);
    this.#view.setInt32(place, place - layout, true);
    present.forEach(([id, field], i) => {
      const offset = 4 + 4 * i;
      this.#view.setUint16(layout + 4 + 2 * id, offset, true);
      if (field === "hole") return;
      if (field.bytes === 1) this.#view.setUint8(place + offset, field.value);
      else this.#view.setInt16(place + offset, field.value, true);
    });
    this.#at = place + 4 + 4 * present.length;
    return { place, hole: (id) => place + 4 + 4 * present.findIndex(([own]) => own === id) };
  }

  /** A list of so many pointers. */
  list(count: number): { readonly place: number; hole(index: number): number } {
    const place = this.#at;
    this.#view.setUint32(place, count, true);
    this.#at += 4 + 4 * count;
    return { place, hole: (index) => place + 4 + 4 * index };
  }

  text(text: string): number {
    const bytes = new TextEncoder().encode(text);
    const place = this.#at;
    this.#view.setUint32(place, bytes.length, true);
    new Uint8Array(this.#view.buffer).set(bytes, place + 4);
    this.#at = align(place + 4 + bytes.length + 1, 4);
    return place;
  }

  /** Ends it; what follows begins at a place that suits values of eight bytes. @returns that place */
  finish(): number {
    this.#at = align(this.#at, 8);
    return this.#at;
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#view.buffer, 0, this.#at);
  }
}

function align(place: number, to: number): number {
  return Math.ceil(place / to) * to;
}
