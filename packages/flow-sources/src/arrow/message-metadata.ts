import { SCORE_COLUMN } from "@oddflow/preprocessing";
import { Builder } from "flatbuffers";
import { type ArrowSchema, FIELD, MESSAGE, SCHEMA_TABLE } from "./arrow-schema.ts";
import type { FlatTable } from "./flat-table.ts";
import { type ArrowBatch, BATCH, COMPRESSION, type ColumnExtent } from "./record-batch.ts";

const KIND = { schema: 1, batch: 3 } as const;
/** Members of the union of types. */
const TYPE = { float: 3, text: 5, boolean: 6, list: 12 } as const;
const FLOAT32 = 1;

/** Which columns are written beside those that all scores have. */
interface AddedFields {
  readonly top: boolean;
  readonly reasons: boolean;
  readonly rulings: boolean;
}

/**
 * The metadata of a stream with the columns of scores behind its own. Tables of a flatbuffer point ahead only, and by how far: so
 * those of the columns that are kept stay as they are, bytes of which nothing has to be understood, behind the new ones.
 */
export function writeSchemaMetadata(
  schema: ArrowSchema,
  kept: readonly number[],
  added: AddedFields,
): Uint8Array {
  const { bytes, fields, message } = schema;
  const builder = newBuilder(bytes.length);
  const before = embed(builder, bytes);
  const own = kept.map((place) => before(fields[place]?.at));
  const all = [...own, ...addedFields(builder, added)];
  const table = message.table(MESSAGE.header);
  builder.startVector(4, all.length, 4);
  for (const field of all.toReversed()) builder.addOffset(field);
  const vector = builder.endVector();
  builder.startObject(4);
  builder.addFieldInt16(SCHEMA_TABLE.endianness, 0, 0);
  addOffset(builder, SCHEMA_TABLE.fields, vector);
  addOffset(builder, SCHEMA_TABLE.metadata, before(table?.target(SCHEMA_TABLE.metadata)));
  addOffset(builder, SCHEMA_TABLE.features, before(table?.target(SCHEMA_TABLE.features)));
  const header = builder.endObject();
  return finish(builder, message, KIND.schema, header, before(message.target(MESSAGE.metadata)), 0);
}

/**
 * The metadata of a batch with the columns of scores behind those that are kept.
 * @param added pairs of a length and a count of missing values, of the columns of scores
 * @param places of all buffers in the body, and their lengths
 */
export function writeBatchMetadata(
  batch: ArrowBatch,
  kept: readonly number[],
  added: readonly (readonly [number, number])[],
  places: readonly (readonly [number, number])[],
  bodyLength: number,
): Uint8Array {
  const { message, rows, extents, nodes, viewBuffers, buffers } = batch;
  const about = message.target(MESSAGE.metadata);
  const builder = newBuilder(24 * places.length);
  const { view } = message;
  const before =
    about === undefined
      ? undefined
      : embed(builder, new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  const ofKept = (list: "nodes" | "views", values: BigInt64Array, each: number): bigint[] =>
    kept.flatMap((place) => {
      const [from, to] = (extents[place] as ColumnExtent)[list];
      return [...values.subarray(each * from, each * to)];
    });
  const pairs = (numbers: readonly (readonly [number, number])[]): bigint[] => numbers.flat().map(BigInt);
  const nodesAt = words(builder, [...ofKept("nodes", nodes, 2), ...pairs(added)], 2);
  const buffersAt = words(builder, pairs(places), 2);
  const views = ofKept("views", viewBuffers, 1);
  const viewsAt = views.length > 0 ? words(builder, views, 1) : 0;
  let compression = 0;
  if (buffers.codec !== undefined) {
    builder.startObject(2);
    builder.addFieldInt8(COMPRESSION.codec, buffers.codec, 0);
    builder.addFieldInt8(COMPRESSION.method, 0, 0);
    compression = builder.endObject();
  }
  builder.startObject(5);
  builder.addFieldInt64(BATCH.rows, BigInt(rows), 0n);
  addOffset(builder, BATCH.nodes, nodesAt);
  addOffset(builder, BATCH.buffers, buffersAt);
  addOffset(builder, BATCH.compression, compression);
  addOffset(builder, BATCH.viewBuffers, viewsAt);
  const header = builder.endObject();
  return finish(builder, message, KIND.batch, header, before?.(about) ?? 0, bodyLength);
}

/** A field that points to something; absent where that is nothing. */
function addOffset(builder: Builder, field: number, offset: number): void {
  if (offset !== 0) builder.addFieldOffset(field, offset, 0);
}

function newBuilder(bytes: number): Builder {
  const builder = new Builder(bytes + 1024);
  builder.forceDefaults(true);
  return builder;
}

/**
 * Lays bytes at the end of what is built.
 * @returns a function that says what points to a place in them; 0, which is nothing, for none
 */
function embed(builder: Builder, bytes: Uint8Array): (place: number | undefined) => number {
  // A multiple of eight, so that what lies in them lies as it did.
  const length = Math.ceil(bytes.length / 8) * 8;
  const padded = new Uint8Array(length);
  padded.set(bytes);
  builder.createByteVector(padded);
  return (place) => (place === undefined ? 0 : length - place);
}

/** A vector of words of 64 bits. @param each how many of them an element has */
function words(builder: Builder, values: readonly bigint[], each: number): number {
  builder.startVector(8 * each, values.length / each, 8);
  for (const value of values.toReversed()) builder.addInt64(value);
  return builder.endVector();
}

function finish(
  builder: Builder,
  message: FlatTable,
  kind: number,
  header: number,
  metadata: number,
  bodyLength: number,
): Uint8Array {
  builder.startObject(5);
  builder.addFieldInt64(MESSAGE.bodyLength, BigInt(bodyLength), 0n);
  addOffset(builder, MESSAGE.header, header);
  addOffset(builder, MESSAGE.metadata, metadata);
  builder.addFieldInt16(MESSAGE.version, message.int16(MESSAGE.version), 0);
  builder.addFieldInt8(MESSAGE.kind, kind, 0);
  builder.finish(builder.endObject());
  return builder.asUint8Array();
}

function addedFields(builder: Builder, { top, reasons, rulings }: AddedFields): number[] {
  const float = (name: string): number => field(builder, name, TYPE.float, [], FLOAT32);
  const fields = [
    float(SCORE_COLUMN.score),
    field(builder, SCORE_COLUMN.isAnomaly, TYPE.boolean, []),
    float(SCORE_COLUMN.rarity),
  ];
  if (top) {
    const element = field(builder, "item", TYPE.text, []);
    fields.push(field(builder, SCORE_COLUMN.topColumns, TYPE.list, [element]));
  }
  const { reasons: why, rule, ruleVerdict } = SCORE_COLUMN;
  for (const name of [...(reasons ? [why] : []), ...(rulings ? [rule, ruleVerdict] : [])])
    fields.push(field(builder, name, TYPE.text, []));
  return fields;
}

/** A field's table. @param precision of a type that has one */
function field(
  builder: Builder,
  name: string,
  type: number,
  children: readonly number[],
  precision?: number,
): number {
  const nameAt = builder.createString(name);
  builder.startVector(4, children.length, 4);
  for (const child of children.toReversed()) builder.addOffset(child);
  const childrenAt = builder.endVector();
  builder.startObject(precision === undefined ? 0 : 1);
  if (precision !== undefined) builder.addFieldInt16(0, precision, 0);
  const typeAt = builder.endObject();
  builder.startObject(7);
  addOffset(builder, FIELD.name, nameAt);
  builder.addFieldInt8(FIELD.nullable, 1, 0);
  builder.addFieldInt8(FIELD.typeCode, type, 0);
  addOffset(builder, FIELD.type, typeAt);
  addOffset(builder, FIELD.children, childrenAt);
  return builder.endObject();
}
