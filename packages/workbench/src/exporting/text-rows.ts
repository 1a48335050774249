import { SCORE_COLUMN, shortestFloat32 } from "@oddflow/preprocessing";
import { cellText, cellValue, type FlowColumn, jsonText } from "../reading/index.ts";
import { isAlarm, type JudgedFlows, saidOf } from "../scoring/judged-flows.ts";
import { exportedNames } from "./added-columns.ts";

/** The line of a CSV file that names the columns, with its end. */
export function csvHeader(scored: JudgedFlows): string {
  const names = scored.table.columns.map(({ name, headerCell = name }) => headerCell);
  return `${[...names, ...exportedNames(scored)].map(csvCell).join(",")}\n`;
}

/** What a row is as a line of CSV (RFC 4180), with its end. */
export function csvLines(scored: JudgedFlows): (row: number) => string {
  const { table, scores, ruling } = scored;
  return (row) => {
    const score = scores[row] as number;
    const cells = table.columns.map((column) => csvCell(cellText(column, row)));
    const rarity = shortestFloat32(Math.fround(scored.rarity(score)));
    cells.push(
      String(shortestFloat32(score)),
      String(isAlarm(scored, row)),
      String(rarity),
      csvCell(scored.topColumns(row).join(", ")),
    );
    if (ruling !== undefined) {
      const said = saidOf(scored, row);
      cells.push(said?.rule ?? "", said?.verdict ?? "");
    }
    return `${cells.join(",")}\n`;
  };
}

/** What a row is as a line of JSON, with its end. What JSON cannot hold is null. */
export function jsonLines(scored: JudgedFlows): (row: number) => string {
  const { table, scores, ruling } = scored;
  const columns = table.columns.map((column) => ({ key: `${JSON.stringify(column.name)}:`, column }));
  return (row) => {
    const score = scores[row] as number;
    const fields = columns.map(({ key, column }) => key + jsonCell(column, row));
    fields.push(
      `"${SCORE_COLUMN.score}":${shortestFloat32(score)}`,
      `"${SCORE_COLUMN.isAnomaly}":${isAlarm(scored, row)}`,
      `"${SCORE_COLUMN.rarity}":${shortestFloat32(Math.fround(scored.rarity(score)))}`,
      `"${SCORE_COLUMN.topColumns}":${JSON.stringify(scored.topColumns(row))}`,
    );
    if (ruling !== undefined) {
      const said = saidOf(scored, row);
      fields.push(
        `"${SCORE_COLUMN.rule}":${JSON.stringify(said?.rule ?? null)}`,
        `"${SCORE_COLUMN.ruleVerdict}":${JSON.stringify(said?.verdict ?? null)}`,
      );
    }
    return `{${fields.join(",")}}\n`;
  };
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function jsonCell(column: FlowColumn, row: number): string {
  const value = cellValue(column, row);
  if (typeof value === "number" && Number.isFinite(value)) return cellText(column, row);
  return jsonText(value);
}
