import { SCORE_COLUMN } from "@oddflow/preprocessing";
import { type BasicType, type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { cellText, cellValue, type FlowColumn } from "../reading/index.ts";
import type { ScoredExport } from "./scored-export.ts";

/** The rows of a scored table as a Parquet file: integers are INT64, nested values their JSON. */
export function parquetRows(scored: ScoredExport, rows: Uint32Array): ArrayBuffer {
  const columns = scored.table.columns.map((column): ColumnSource => {
    const type = parquetType(column);
    return { name: column.name, type, data: Array.from(rows, (row) => parquetCell(column, row, type)) };
  });
  const scores = Float32Array.from(rows, (row) => scored.scores[row] as number);
  columns.push(
    { name: SCORE_COLUMN.score, type: "FLOAT", data: scores, nullable: false },
    {
      name: SCORE_COLUMN.isAnomaly,
      type: "BOOLEAN",
      data: Array.from(scores, (score) => scored.verdict.isAnomaly(score)),
      nullable: false,
    },
    {
      name: SCORE_COLUMN.rarity,
      type: "FLOAT",
      data: scores.map((score) => scored.rarity(score)),
      nullable: false,
    },
    {
      name: SCORE_COLUMN.topColumns,
      type: "STRING",
      data: Array.from(rows, (row) => scored.topColumns(row).join(", ")),
    },
  );
  return parquetWriteBuffer({ columnData: columns });
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
