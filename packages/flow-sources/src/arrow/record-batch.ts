import { ArrowBuffers } from "./arrow-buffers.ts";
import { ArrowFault, type ArrowField, MESSAGE } from "./arrow-schema.ts";
import { FlatTable } from "./flat-table.ts";

/** The values of a column in a batch, or of a part of one. */
export interface ArrowArray {
  readonly field: ArrowField;
  readonly length: number;
  /** How many of them are missing. */
  readonly nulls: number;
  /** Its first buffer's number among those of the batch. */
  readonly firstBuffer: number;
  readonly buffers: ArrowBuffers;
  readonly children: readonly ArrowArray[];
}

/** What a column takes of a batch's lists: from where on, and up to where. */
export interface ColumnExtent {
  readonly nodes: readonly [from: number, to: number];
  readonly buffers: readonly [from: number, to: number];
  readonly views: readonly [from: number, to: number];
}

/** Rows, a column at a time. */
export interface ArrowBatch {
  readonly rows: number;
  readonly columns: readonly ArrowArray[];
  /** Of each column. */
  readonly extents: readonly ColumnExtent[];
  readonly buffers: ArrowBuffers;
  /** Pairs of a length and a count of missing values. */
  readonly nodes: BigInt64Array;
  /** How many buffers each column of views has beside those that all have. */
  readonly viewBuffers: BigInt64Array;
  readonly message: FlatTable;
}

/** Fields of the tables of a batch. Source: github.com/apache/arrow, format/Message.fbs */
export const BATCH = { rows: 0, nodes: 1, buffers: 2, compression: 3, viewBuffers: 4 } as const;
export const COMPRESSION = { codec: 0, method: 1 } as const;

/** @throws ArrowFault, RangeError for a batch that is not of these fields */
export function readBatch(
  fields: readonly ArrowField[],
  table: FlatTable,
  message: FlatTable,
  body: Uint8Array,
): ArrowBatch {
  const rows = table.int64(BATCH.rows);
  const nodes = words(table, BATCH.nodes, 2);
  const places = words(table, BATCH.buffers, 2);
  const viewBuffers = words(table, BATCH.viewBuffers, 1);
  const compression = table.table(BATCH.compression);
  const buffers = new ArrowBuffers(body, places, compression?.uint8(COMPRESSION.codec));
  const at = { node: 0, buffer: 0, view: 0 };
  const take = (field: ArrowField): ArrowArray => {
    const length = Number(nodes[2 * at.node]);
    const nulls = Number(nodes[2 * at.node + 1]);
    if (!(length >= 0))
      throw new ArrowFault(`it is damaged: a record batch has no values of column "${field.name}"`);
    at.node++;
    const firstBuffer = at.buffer;
    if (field.dictionary !== undefined) {
      at.buffer += 2;
      return { field, length, nulls, firstBuffer, buffers, children: [] };
    }
    at.buffer += field.buffers;
    if (field.hasViews) at.buffer += Number(viewBuffers[at.view++] ?? 0n);
    return { field, length, nulls, firstBuffer, buffers, children: field.children.map(take) };
  };
  const extents: ColumnExtent[] = [];
  const columns = fields.map((field) => {
    const { node, buffer, view } = at;
    const column = take(field);
    extents.push({ nodes: [node, at.node], buffers: [buffer, at.buffer], views: [view, at.view] });
    return column;
  });
  const isWhole = 2 * at.node === nodes.length && 2 * at.buffer === places.length;
  if (!isWhole || columns.some(({ length }) => length !== rows)) {
    throw new ArrowFault("it is damaged: a record batch is not of the schema's columns");
  }
  return { rows, columns, extents, buffers, nodes, viewBuffers, message };
}

/** A message of a batch. @throws ArrowFault, RangeError */
export function readBatchMessage(
  fields: readonly ArrowField[],
  metadata: Uint8Array,
  body: Uint8Array,
): ArrowBatch {
  const message = FlatTable.root(metadata);
  const table = message.table(MESSAGE.header);
  if (table === undefined) throw new ArrowFault("it is damaged: a record batch is empty");
  return readBatch(fields, table, message, body);
}

/** A vector of words of 64 bits. @param each how many of them an element has */
function words(table: FlatTable, field: number, each: number): BigInt64Array {
  const { at, length } = table.vector(field, 8 * each);
  return BigInt64Array.from({ length: length * each }, (_, i) => table.view.getBigInt64(at + 8 * i, true));
}
