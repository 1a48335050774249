import { closeSync, openSync, readFileSync } from "node:fs";
import type { ThriftStruct } from "@oddflow/flow-sources";
import { readThriftStructAt } from "../../flow-sources/src/parquet/thrift-reader.ts";
import {
  COLUMN,
  COLUMN_METADATA,
  FILE,
  footerBytes,
  ROW_GROUP,
  readFooter,
  SCHEMA,
} from "../src/parquet/footer.ts";
import {
  asStruct,
  binary,
  int32,
  int64,
  integerField,
  integerOr0,
  structs,
  structsField,
  withField,
} from "../src/parquet/thrift-values.ts";

/** A table that the changes below are made to, in SQL for DuckDB's COPY with row groups of 2048 rows. */
export const WHOLE_TABLE = "SELECT range AS a, 'x' || range AS b, [range] AS c FROM range(3000)";

/** The bytes of a Parquet file with another footer. */
export function withFooter(
  whole: string,
  change: (footer: ThriftStruct) => ThriftStruct,
): Uint8Array<ArrayBuffer> {
  const file = openSync(whole, "r");
  const { footer, start } = readFooter(file);
  closeSync(file);
  return Uint8Array.from([...readFileSync(whole).subarray(0, start), ...footerBytes(change(footer))]);
}

function changeItem(
  footer: ThriftStruct,
  list: number,
  at: number,
  change: (item: ThriftStruct) => ThriftStruct,
): ThriftStruct {
  const items = structsField(footer, list).map((item, i) => (i === at ? change(item) : item));
  return withField(footer, list, structs(items));
}

/** Changes the metadata of the first row group's first column. */
function changeChunk(footer: ThriftStruct, id: number, value: Parameters<typeof withField>[2]): ThriftStruct {
  return changeItem(footer, FILE.rowGroups, 0, (group) =>
    changeItem(group, ROW_GROUP.columns, 0, (chunk) =>
      withField(chunk, COLUMN.metadata, withField(asStruct(chunk.fields.get(COLUMN.metadata)), id, value)),
    ),
  );
}

const group = (footer: ThriftStruct, rows: bigint): ThriftStruct =>
  changeItem(footer, FILE.rowGroups, 0, (own) => withField(own, ROW_GROUP.rows, int64(rows)));

/** Changes the metadata of all columns of all row groups, and the row groups. */
function changeAll(
  footer: ThriftStruct,
  changeMetadata: (metadata: ThriftStruct) => ThriftStruct,
  changeGroup: (group: ThriftStruct) => ThriftStruct = (own) => own,
): ThriftStruct {
  const groups = structsField(footer, FILE.rowGroups).map((own) => {
    const chunks = structsField(own, ROW_GROUP.columns).map((chunk) =>
      withField(chunk, COLUMN.metadata, changeMetadata(asStruct(chunk.fields.get(COLUMN.metadata)))),
    );
    return changeGroup(withField(own, ROW_GROUP.columns, structs(chunks)));
  });
  return withField(footer, FILE.rowGroups, structs(groups));
}

/** The footer with other rows in each row group, as all of its fields tell them. */
export function rowsEverywhere(footer: ThriftStruct, rows: bigint): ThriftStruct {
  const changed = changeAll(
    footer,
    (metadata) => withField(metadata, COLUMN_METADATA.values, int64(rows)),
    (own) => withField(own, ROW_GROUP.rows, int64(rows)),
  );
  const groups = BigInt(structsField(footer, FILE.rowGroups).length);
  return withField(changed, FILE.rows, int64(rows * groups));
}

/** The bytes of a file whose chunks are said to be shorter than they are, by the headers of their dictionaries. */
export function shortenChunks(whole: string, writer: string): Uint8Array<ArrayBuffer> {
  const data = readFileSync(whole);
  const shorter = (metadata: ThriftStruct): ThriftStruct => {
    const dictionary = Number(integerOr0(metadata, COLUMN_METADATA.dictionaryPage));
    if (dictionary === 0) return metadata;
    const header = readThriftStructAt(data, dictionary).end - dictionary;
    const bytes = integerField(metadata, COLUMN_METADATA.compressedBytes) - BigInt(header);
    return withField(metadata, COLUMN_METADATA.compressedBytes, int64(bytes));
  };
  return withFooter(whole, (footer) => withField(changeAll(footer, shorter), FILE.createdBy, binary(writer)));
}

/** What footers say that cannot be, and how it is refused. */
export const CONTRADICTIONS: readonly (readonly [
  what: string,
  change: (footer: ThriftStruct) => ThriftStruct,
  message: RegExp,
])[] = [
  ["more rows than the file", (footer) => group(footer, 2n ** 62n), /values for 4611686018427387904 rows/],
  ["fewer rows than none", (footer) => group(footer, -1n), /row group 0 has -1 rows/],
  [
    "more rows than the pages, alike everywhere",
    (footer) => rowsEverywhere(footer, 2n ** 17n),
    /the pages of column .* hold 2048 of the 131072 values of the footer/,
  ],
  [
    "a row more than the pages, alike everywhere",
    (footer) => rowsEverywhere(footer, 2049n),
    /the pages of column .* hold 2048 of the 2049 values of the footer/,
  ],
  [
    "fewer rows than the pages, alike everywhere",
    (footer) => rowsEverywhere(footer, 100n),
    /the pages of column .* have more than the 100 values of the footer/,
  ],
  ["a row group said to be empty", (footer) => group(footer, 0n), /row groups have 952 rows, the file 3000/],
  [
    "other rows in the file",
    (footer) => withField(footer, FILE.rows, int64(7)),
    /have 3000 rows, the file 7/,
  ],
  [
    "fewer values than rows",
    (footer) => changeChunk(footer, COLUMN_METADATA.values, int64(3)),
    /has 3 values for 2048 rows/,
  ],
  [
    "a column beyond the data",
    (footer) => changeChunk(footer, COLUMN_METADATA.compressedBytes, int64(1e9)),
    /lies in bytes/,
  ],
  [
    "a column before the data",
    (footer) => changeChunk(footer, COLUMN_METADATA.dataPage, int64(-5)),
    /lies in bytes/,
  ],
  [
    "columns that share bytes",
    (footer) => changeChunk(footer, COLUMN_METADATA.compressedBytes, int64(12_000)),
    /ends at byte/,
  ],
  [
    "a column under another's name",
    (footer) => changeChunk(footer, COLUMN_METADATA.path, { type: "list", code: 8, items: [binary("z")] }),
    /says that it is z/,
  ],
  [
    "more children than the schema has",
    (footer) => changeItem(footer, FILE.schema, 0, (root) => withField(root, SCHEMA.children, int32(9))),
    /children|names more/,
  ],
  [
    "fewer children than the schema has",
    (footer) => changeItem(footer, FILE.schema, 0, (root) => withField(root, SCHEMA.children, int32(1))),
    /names 2/,
  ],
  [
    "a row group without its columns",
    (footer) =>
      changeItem(footer, FILE.rowGroups, 1, (own) => withField(own, ROW_GROUP.columns, structs([]))),
    /has 0 columns, the schema 3/,
  ],
  [
    "columns in another file",
    (footer) =>
      changeItem(footer, FILE.rowGroups, 0, (own) =>
        changeItem(own, ROW_GROUP.columns, 0, (chunk) => withField(chunk, COLUMN.path, binary("part-0"))),
      ),
    /lies in another file/,
  ],
];
