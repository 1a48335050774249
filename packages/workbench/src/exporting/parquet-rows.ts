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

/** Rows of a group: so many are in memory as values, and nobody else is served while they are written. */
const GROUP = 8192;

/**
 * Rows of a scored table as a Parquet file, in pieces: integers are INT64, nested values their JSON.
 * @param rest is called between columns
 */
export async function parquetPieces(
  scored: JudgedFlows,
  rows: Uint32Array,
  rest: () => Promise<void>,
): Promise<Blob[]> {
  const columns = exportedColumns(scored);
  const groupOf = (chosen: Uint32Array): ColumnSource[] =>
    columns.map(({ valuesOf, ...column }) => ({ ...column, data: valuesOf(chosen) }));
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: schemaFromColumnData({ columnData: groupOf(new Uint32Array()) }),
  });
  const pieces: Blob[] = [];
  const take = (): void => {
    pieces.push(new Blob([writer.getBytes()]));
    writer.index = 0;
  };
  for (let first = 0; first < rows.length; first += GROUP) {
    const chosen = rows.subarray(first, first + GROUP);
    const columnData: ColumnSource[] = [];
    for (const { valuesOf, ...column } of columns) {
      columnData.push({ ...column, data: valuesOf(chosen) });
      await rest();
    }
    await file.write({ columnData, rowGroupSize: GROUP });
    take();
    await rest();
  }
  await file.finish();
  take();
  return pieces;
}

interface ExportedColumn extends Omit<ColumnSource, "data"> {
  readonly valuesOf: (rows: Uint32Array) => ColumnSource["data"];
}

function exportedColumns(scored: JudgedFlows): ExportedColumn[] {
  const { table, scores } = scored;
  const own = table.columns.map((column): ExportedColumn => {
    const type = parquetType(column);
    return {
      name: column.name,
      type,
      nullable: true,
      valuesOf: (rows) => Array.from(rows, (row) => parquetCell(column, row, type)),
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
