import { shortestFloat32 } from "@oddflow/preprocessing";
import { cellText, cellValue, type FlowColumn, jsonText } from "../reading/index.ts";
import { SCORE_COLUMNS, type ScoredRows } from "./scored-rows.ts";

/** The line of a CSV file that names the columns, with its end. */
export function csvHeader({ table }: ScoredRows): string {
  const names = table.columns.map(({ name, headerCell = name }) => headerCell);
  return `${[...names, ...SCORE_COLUMNS].map(csvCell).join(",")}\n`;
}

/** A row as a line of CSV (RFC 4180), with its end. */
export function csvRow(scored: ScoredRows, row: number): string {
  const score = scored.scores[row] as number;
  const cells = scored.table.columns.map((column) => csvCell(cellText(column, row)));
  const rarity = shortestFloat32(Math.fround(scored.rarity(score)));
  cells.push(
    String(shortestFloat32(score)),
    String(score >= scored.threshold),
    String(rarity),
    csvCell(scored.topColumns(row).join(", ")),
  );
  return `${cells.join(",")}\n`;
}

/** A row as a line of JSON, with its end. What JSON cannot hold is null. */
export function jsonRow(scored: ScoredRows, row: number): string {
  const score = scored.scores[row] as number;
  const fields = scored.table.columns.map(
    (column) => `${JSON.stringify(column.name)}:${jsonCell(column, row)}`,
  );
  const [scoreName, anomalyName, probabilityName, topName] = SCORE_COLUMNS.map((name) =>
    JSON.stringify(name),
  );
  fields.push(
    `${scoreName}:${shortestFloat32(score)}`,
    `${anomalyName}:${score >= scored.threshold}`,
    `${probabilityName}:${shortestFloat32(Math.fround(scored.rarity(score)))}`,
    `${topName}:${JSON.stringify(scored.topColumns(row))}`,
  );
  return `{${fields.join(",")}}\n`;
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function jsonCell(column: FlowColumn, row: number): string {
  const value = cellValue(column, row);
  if (typeof value === "number" && Number.isFinite(value)) return cellText(column, row);
  return jsonText(value);
}
