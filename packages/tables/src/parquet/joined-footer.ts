import type { ThriftStruct, ThriftValue } from "@oddflow/flow-sources";
import { COLUMN, COLUMN_METADATA, FILE, footerBytes, ROW_GROUP } from "./footer.ts";
import {
  asStruct,
  int64,
  integerField,
  structs,
  structsField,
  withField,
  withoutFields,
} from "./thrift-values.ts";
import { writeThriftStruct } from "./thrift-writer.ts";

/** The fields of a column that hold a place in the file. */
const PLACES = [COLUMN.offset, COLUMN.offsetIndex, COLUMN.columnIndex];

/** The fields of a column's metadata that do. */
const METADATA_PLACES = [
  COLUMN_METADATA.dataPage,
  COLUMN_METADATA.indexPage,
  COLUMN_METADATA.dictionaryPage,
  COLUMN_METADATA.bloomFilter,
];

/**
 * The footer of files that follow each other in one file: row groups stay the bytes that they are, and the places that the
 * footer names move with them.
 */
export class JoinedFooter {
  #first: ThriftStruct | undefined;
  #rows = 0n;
  readonly #rowGroups: ThriftValue[] = [];

  /**
   * Adds a file's footer; the bytes before its footer lie `shift` bytes further on in the joined file.
   * @throws Error when its columns are not those of the first file
   */
  add(footer: ThriftStruct, shift: number): void {
    this.#first ??= footer;
    if (Buffer.compare(schemaBytes(this.#first), schemaBytes(footer)) !== 0) {
      throw new Error("join Parquet files: the columns of the files differ");
    }
    this.#rows += integerField(footer, FILE.rows);
    for (const group of structsField(footer, FILE.rowGroups)) {
      this.#rowGroups.push(movedGroup(group, BigInt(shift)));
    }
  }

  bytes(): Uint8Array {
    if (this.#first === undefined) throw new Error("join Parquet files: there are none");
    const joined = withField(this.#first, FILE.rows, int64(this.#rows));
    return footerBytes(withField(joined, FILE.rowGroups, structs(this.#rowGroups)));
  }
}

function movedGroup(group: ThriftStruct, shift: bigint): ThriftStruct {
  const columns = structsField(group, ROW_GROUP.columns).map((column) => movedColumn(column, shift));
  const joined = withField(
    movedFields(group, [ROW_GROUP.offset], shift),
    ROW_GROUP.columns,
    structs(columns),
  );
  // The group's number within its file is another now, and it need not be there.
  return withoutFields(joined, [ROW_GROUP.ordinal]);
}

/** A column's chunk whose bytes, and all that belongs to them, lie `shift` bytes further on. */
export function movedColumn(column: ThriftStruct, shift: bigint): ThriftStruct {
  const metadata = asStruct(column.fields.get(COLUMN.metadata));
  return withField(
    movedFields(column, PLACES, shift),
    COLUMN.metadata,
    movedFields(metadata, METADATA_PLACES, shift),
  );
}

/** Adds to the fields that hold a place in the file; 0 is none. */
function movedFields(struct: ThriftStruct, places: readonly number[], shift: bigint): ThriftStruct {
  return places.reduce((result, id) => {
    const field = result.fields.get(id);
    if (field?.type !== "integer" || field.value === 0n) return result;
    return withField(result, id, { ...field, value: field.value + shift });
  }, struct);
}

/** What a footer says of the columns: the same bytes where files have the same columns in the same form. */
export function schemaBytes(footer: ThriftStruct): Uint8Array {
  return writeThriftStruct({
    type: "struct",
    fields: new Map([[FILE.schema, structs(structsField(footer, FILE.schema))]]),
  });
}
