import {
  readThriftStruct,
  type ThriftStruct,
  type ThriftValue,
  writeThriftStruct,
} from "./thrift-compact.ts";

/*
 * The footer of a Parquet file, as far as putting files of one schema behind each other needs it: row groups stay the
 * bytes that they are, and the places that the footer names move with them.
 * Source: github.com/apache/parquet-format, src/main/thrift/parquet.thrift (the numbers of the fields)
 */

const FILE = { schema: 2, rows: 3, rowGroups: 4 };
const ROW_GROUP = { columns: 1, offset: 5, ordinal: 7 };
const COLUMN = { offset: 2, metadata: 3, offsetIndex: 4, columnIndex: 6 };
const COLUMN_METADATA = { dataPage: 9, indexPage: 10, dictionaryPage: 11, bloomFilter: 14 };

/** The footer of files that follow each other in one file. */
export class JoinedFooter {
  #first: ThriftStruct | undefined;
  #rows = 0n;
  readonly #rowGroups: ThriftValue[] = [];

  /**
   * Adds a file's footer; the bytes before its footer lie `shift` bytes further on in the joined file.
   * @throws Error when its columns are not those of the first file
   */
  add(bytes: Uint8Array, shift: number): void {
    const footer = readThriftStruct(bytes);
    this.#first ??= footer;
    if (!sameBytes(schemaBytes(this.#first), schemaBytes(footer))) {
      throw new Error("join Parquet files: the columns of the parts differ");
    }
    this.#rows += integer(footer, FILE.rows);
    for (const group of list(footer, FILE.rowGroups)) {
      this.#rowGroups.push(movedGroup(asStruct(group), BigInt(shift)));
    }
  }

  bytes(): Uint8Array {
    if (this.#first === undefined) throw new Error("join Parquet files: there are none");
    const fields = new Map(this.#first.fields);
    fields.set(FILE.rows, { type: "integer", code: 6, value: this.#rows });
    fields.set(FILE.rowGroups, { type: "list", code: 12, items: this.#rowGroups });
    return writeThriftStruct({ type: "struct", fields });
  }
}

function movedGroup(group: ThriftStruct, shift: bigint): ThriftStruct {
  const { fields } = moved(group, [ROW_GROUP.offset], shift);
  const columns = list(group, ROW_GROUP.columns).map((item) => {
    const column = moved(asStruct(item), [COLUMN.offset, COLUMN.offsetIndex, COLUMN.columnIndex], shift);
    const metadata = column.fields.get(COLUMN.metadata);
    if (metadata === undefined) return column;
    return withField(
      column,
      COLUMN.metadata,
      moved(asStruct(metadata), Object.values(COLUMN_METADATA), shift),
    );
  });
  const joined = new Map(fields);
  joined.set(ROW_GROUP.columns, { type: "list", code: 12, items: columns });
  // The group's number within its file is another now, and it need not be there.
  joined.delete(ROW_GROUP.ordinal);
  return { type: "struct", fields: joined };
}

/** Adds to the fields that hold a place in the file; 0 is none. */
function moved(struct: ThriftStruct, places: readonly number[], shift: bigint): ThriftStruct {
  return places.reduce((result, id) => {
    const field = result.fields.get(id);
    if (field?.type !== "integer" || field.value === 0n) return result;
    return withField(result, id, { ...field, value: field.value + shift });
  }, struct);
}

function withField(struct: ThriftStruct, id: number, value: ThriftValue): ThriftStruct {
  const fields = new Map(struct.fields);
  fields.set(id, value);
  return { type: "struct", fields };
}

function schemaBytes(footer: ThriftStruct): Uint8Array {
  const schema = footer.fields.get(FILE.schema);
  return schema === undefined
    ? new Uint8Array()
    : writeThriftStruct({ type: "struct", fields: new Map([[FILE.schema, schema]]) });
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function integer({ fields }: ThriftStruct, id: number): bigint {
  const field = fields.get(id);
  if (field?.type !== "integer") throw new Error(`join Parquet files: a footer has no number in field ${id}`);
  return field.value;
}

function list({ fields }: ThriftStruct, id: number): readonly ThriftValue[] {
  const field = fields.get(id);
  if (field?.type !== "list") throw new Error(`join Parquet files: a footer has no list in field ${id}`);
  return field.items;
}

function asStruct(value: ThriftValue): ThriftStruct {
  if (value.type !== "struct")
    throw new Error(`join Parquet files: a footer has a ${value.type} for a struct`);
  return value;
}
