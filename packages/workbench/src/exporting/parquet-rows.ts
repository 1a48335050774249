import { SCORE_COLUMN } from "@oddflow/preprocessing";
import {
  type BasicType,
  ByteWriter,
  type ColumnSource,
  ParquetWriter,
  schemaFromColumnData,
} from "hyparquet-writer";
import { cellText, cellValue, type FlowColumn } from "../reading/index.ts";
import { isAlarm, type JudgedFlows, saidOf } from "../scoring/judged-flows.ts";
import { type FilePieces, MOST_BYTES } from "./file-pieces.ts";

/** Rows of a group: nobody else is served while one is written. */
const GROUP = 4096;

/**
 * Writes rows of a scored table as a Parquet file: integers are INT64, nested values their JSON.
 * @param rest is called between groups
 */
export async function writeParquet(
  scored: JudgedFlows,
  rows: Uint32Array,
  pieces: FilePieces,
  rest: () => Promise<void>,
): Promise<void> {
  const columns = exportedColumns(scored);
  // A column's values are made when it is written: those of a whole group would live so long that the heap grew by all that is written.
  const groupOf = (chosen: Uint32Array): ColumnSource[] =>
    columns.map(({ valuesOf, ...column }) => ({
      ...column,
      get data() {
        return valuesOf(chosen);
      },
    }));
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: schemaFromColumnData({ columnData: groupOf(new Uint32Array()) }),
  });
  const take = (): void => {
    pieces.addBytes(writer.getBytes());
    writer.index = 0;
  };
  for (let first = 0; first < rows.length; first += GROUP) {
    await file.write({ columnData: groupOf(rows.subarray(first, first + GROUP)), rowGroupSize: GROUP });
    take();
    await rest();
  }
  await file.finish();
  take();
}

interface ExportedColumn extends Omit<ColumnSource, "data"> {
  readonly valuesOf: (rows: Uint32Array) => ColumnSource["data"];
}

function exportedColumns(scored: JudgedFlows): ExportedColumn[] {
  const { table, scores } = scored;
  const own = table.columns.map((column): ExportedColumn => {
    const type = parquetType(column);
    const cellsOf = (rows: Uint32Array): unknown[] =>
      Array.from(rows, (row) => parquetCell(column, row, type));
    const isUnlike = type === "STRING" && 2 * column.others.length > table.rows;
    return {
      name: column.name,
      type,
      nullable: true,
      // Bounds would keep the bytes of each group to the end.
      ...(isUnlike ? { statistics: false } : {}),
      valuesOf: isUnlike ? (rows) => packedTexts(cellsOf(rows) as (string | null)[]) : cellsOf,
    };
  });
  const scoresOf = (rows: Uint32Array): Float32Array =>
    Float32Array.from(rows, (row) => scores[row] as number);
  return [
    ...own,
    { name: SCORE_COLUMN.score, type: "FLOAT", nullable: false, valuesOf: scoresOf },
    {
      name: SCORE_COLUMN.isAnomaly,
      type: "BOOLEAN",
      nullable: false,
      valuesOf: (rows) => Array.from(rows, (row) => isAlarm(scored, row)),
    },
    {
      name: SCORE_COLUMN.rarity,
      type: "FLOAT",
      nullable: false,
      valuesOf: (rows) => scoresOf(rows).map((score) => scored.rarity(score)),
    },
    {
      name: SCORE_COLUMN.topColumns,
      type: "STRING",
      nullable: true,
      valuesOf: (rows) => Array.from(rows, (row) => scored.topColumns(row).join(", ")),
    },
    ...(scored.ruling === undefined ? [] : rulingColumns(scored)),
  ];
}

/** Texts as bytes of one buffer: the writer would make an encoder and a buffer for each of them. */
function packedTexts(texts: readonly (string | null)[]): (Uint8Array | null)[] {
  const encoder = new TextEncoder();
  const most = texts.reduce((sum, text) => sum + MOST_BYTES * (text?.length ?? 0), 0);
  const bytes = new Uint8Array(most);
  let start = 0;
  return texts.map((text) => {
    if (text === null) return null;
    const { written } = encoder.encodeInto(text, bytes.subarray(start));
    start += written;
    return bytes.subarray(start - written, start);
  });
}

function rulingColumns(scored: JudgedFlows): ExportedColumn[] {
  const column = (name: string, part: "rule" | "verdict"): ExportedColumn => ({
    name,
    type: "STRING",
    nullable: true,
    valuesOf: (rows) => Array.from(rows, (row) => saidOf(scored, row)?.[part] ?? null),
  });
  return [column(SCORE_COLUMN.rule, "rule"), column(SCORE_COLUMN.ruleVerdict, "verdict")];
}

function parquetType({ type, numbers, codes, others, areTimes, areTexts, cells }: FlowColumn): BasicType {
  if (areTimes) return "TIMESTAMP";
  const present = cells === "numbers" ? [] : others.filter((value) => value !== null);
  if (!areTexts && type === "integer" && present.every((value) => typeof value === "bigint")) return "INT64";
  if (!areTexts && type === "number" && present.length === 0) {
    return numbers instanceof Float32Array ? "FLOAT" : "DOUBLE";
  }
  if (type === "boolean" && numbers === undefined && codes !== undefined) return "BOOLEAN";
  return "STRING";
}

function parquetCell(column: FlowColumn, row: number, type: BasicType): unknown {
  const value = cellValue(column, row);
  if (value === null) return null;
  switch (type) {
    case "INT64":
      return BigInt(value as number | bigint);
    case "TIMESTAMP":
      return new Date(value as string);
    case "STRING":
      return cellText(column, row);
    default:
      return value;
  }
}
