import type { ThriftStruct } from "@oddflow/flow-sources";
import { SCORE_COLUMN } from "@oddflow/preprocessing";
import type { AddedScores } from "../scored-batch.ts";
import type { ArrowColumn } from "./arrow-schema.ts";
import { COLUMN, COLUMN_METADATA, SCHEMA } from "./footer.ts";
import { dictionaryPage, ENCODING, type Page } from "./page-encoding.ts";
import type { ScorePage } from "./score-pages.ts";
import { binary, int32, int64, struct } from "./thrift-values.ts";

/*
 * The columns that scoring adds, as Parquet stores them. All may be null, as in the tables that DuckDB writes.
 * Source: github.com/apache/parquet-format, LogicalTypes.md (lists, strings), src/main/thrift/parquet.thrift
 */

const TYPE = { boolean: 0, float: 4, bytes: 6 };
const REPETITION = { optional: 1, repeated: 2 };
const CONVERTED = { text: 0, list: 3 };
const LOGICAL = { text: 1, list: 3 };
const CODEC = { none: 0, gzip: 2 };

/** A column that the input has not. */
export interface AddedColumn {
  /** The column and what it is made of, depth first. */
  readonly schema: readonly ThriftStruct[];
  /** The names down to its values. */
  readonly path: readonly string[];
  readonly type: number;
  readonly codec: number;
  readonly encoding: number;
  /** What Arrow calls its type. */
  readonly arrowType: ArrowColumn["type"];
  /** Stands before its data pages. */
  readonly dictionary?: Page;
}

/** In the order of the pages of `ScorePages`. */
export function addedColumns(
  topNames: readonly string[] | undefined,
  { reasons, rules }: Pick<AddedScores, "reasons" | "rules">,
): readonly AddedColumn[] {
  const columns = [
    plainColumn(SCORE_COLUMN.score, TYPE.float),
    plainColumn(SCORE_COLUMN.isAnomaly, TYPE.boolean),
    plainColumn(SCORE_COLUMN.rarity, TYPE.float),
  ];
  if (topNames !== undefined) columns.push(listColumn(SCORE_COLUMN.topColumns, topNames));
  const { reasons: why, rule, ruleVerdict } = SCORE_COLUMN;
  for (const name of [...(reasons ? [why] : []), ...(rules ? [rule, ruleVerdict] : [])])
    columns.push({ ...addedTextColumn(name), codec: CODEC.gzip });
  return columns;
}

/** Those that say whether flows are anomalies, and what rules say of them: in the order of `flagPage` and `rulingPages`. */
export function ruledColumns(rules: boolean): readonly AddedColumn[] {
  const { isAnomaly, rule, ruleVerdict } = SCORE_COLUMN;
  const texts = rules ? [rule, ruleVerdict] : [];
  return [
    plainColumn(isAnomaly, TYPE.boolean),
    ...texts.map((name) => ({ ...addedTextColumn(name), codec: CODEC.gzip })),
  ];
}

/** A column of texts, each by its place in a dictionary where there is one. */
export function addedTextColumn(name: string, dictionary?: readonly string[]): AddedColumn {
  const column: AddedColumn = {
    ...plainColumn(name, TYPE.bytes),
    schema: [textElement(name)],
    arrowType: "text",
  };
  if (dictionary === undefined) return column;
  return { ...column, encoding: ENCODING.dictionary, dictionary: dictionaryPage(dictionary) };
}

/** A column's chunk in a row group. @param offset where its first page lies in the file */
export function addedChunk(column: AddedColumn, pages: readonly ScorePage[], offset: number): ThriftStruct {
  const all: readonly Page[] = column.dictionary ? [column.dictionary, ...pages] : pages;
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  const dataOffset = offset + (column.dictionary?.bytes.length ?? 0);
  const metadata = struct({
    [COLUMN_METADATA.type]: int32(column.type),
    [COLUMN_METADATA.encodings]: {
      type: "list",
      code: 5,
      items: [...new Set([column.encoding, ENCODING.plain, ENCODING.levels])].map(int32),
    },
    [COLUMN_METADATA.path]: { type: "list", code: 8, items: column.path.map(binary) },
    [COLUMN_METADATA.codec]: int32(column.codec),
    [COLUMN_METADATA.values]: int64(sum(pages.map(({ values }) => values))),
    [COLUMN_METADATA.bytes]: int64(sum(all.map(({ uncompressedBytes }) => uncompressedBytes))),
    [COLUMN_METADATA.compressedBytes]: int64(sum(all.map(({ bytes }) => bytes.length))),
    [COLUMN_METADATA.dataPage]: int64(dataOffset),
    [COLUMN_METADATA.dictionaryPage]: column.dictionary ? int64(offset) : undefined,
    [COLUMN_METADATA.statistics]: statistics(pages),
  });
  return struct({ [COLUMN.offset]: int64(0), [COLUMN.metadata]: metadata });
}

function plainColumn(name: string, type: number): AddedColumn {
  const schema = [
    struct({
      [SCHEMA.type]: int32(type),
      [SCHEMA.repetition]: int32(REPETITION.optional),
      [SCHEMA.name]: binary(name),
    }),
  ];
  return {
    schema,
    path: [name],
    type,
    codec: CODEC.none,
    encoding: ENCODING.plain,
    arrowType: type === TYPE.boolean ? "boolean" : "float",
  };
}

function listColumn(name: string, texts: readonly string[]): AddedColumn {
  const schema = [
    struct({
      [SCHEMA.repetition]: int32(REPETITION.optional),
      [SCHEMA.name]: binary(name),
      [SCHEMA.children]: int32(1),
      [SCHEMA.convertedType]: int32(CONVERTED.list),
      [SCHEMA.logicalType]: struct({ [LOGICAL.list]: struct({}) }),
    }),
    struct({
      [SCHEMA.repetition]: int32(REPETITION.repeated),
      [SCHEMA.name]: binary("list"),
      [SCHEMA.children]: int32(1),
    }),
    textElement("element"),
  ];
  return {
    schema,
    path: [name, "list", "element"],
    type: TYPE.bytes,
    codec: CODEC.none,
    encoding: ENCODING.dictionary,
    arrowType: "texts",
    dictionary: dictionaryPage(texts),
  };
}

function textElement(name: string): ThriftStruct {
  return struct({
    [SCHEMA.type]: int32(TYPE.bytes),
    [SCHEMA.repetition]: int32(REPETITION.optional),
    [SCHEMA.name]: binary(name),
    [SCHEMA.convertedType]: int32(CONVERTED.text),
    [SCHEMA.logicalType]: struct({ [LOGICAL.text]: struct({}) }),
  });
}

/** The range of a chunk of numbers, so that readers can pass over it. */
function statistics(pages: readonly ScorePage[]): ThriftStruct | undefined {
  const ranges = pages.flatMap(({ range }) => (range ? [range] : []));
  if (ranges.length < pages.length || ranges.length === 0) return undefined;
  return struct({
    3: int64(0),
    5: floatBytes(Math.max(...ranges.map(([, most]) => most))),
    6: floatBytes(Math.min(...ranges.map(([least]) => least))),
  });
}

function floatBytes(value: number): ReturnType<typeof binary> {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return binary(bytes);
}
