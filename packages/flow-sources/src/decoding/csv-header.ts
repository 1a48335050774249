import { INFINITY_TEXT, NUMBER_TEXT } from "@oddflow/preprocessing";
import type { CsvRow } from "../framing/csv-rows.ts";

const DELIMITERS = [",", "\t", ";", "|"] as const;

/** What no column is called: a number, a date, an IP address. */
const VALUE = new RegExp(
  `^(${NUMBER_TEXT}|-?${INFINITY_TEXT}|\\d{4}-\\d\\d-\\d\\d.*|\\d+\\.\\d+\\.\\d+\\.\\d+|[0-9a-f]*(:[0-9a-f.]*){2,})$`,
  "i",
);

/** The delimiter that the first line of a CSV text has most of. */
export function findDelimiter(firstLine: string): string {
  const unquoted = firstLine.replaceAll(/"[^"]*"/g, "");
  const count = (delimiter: string): number => unquoted.split(delimiter).length;
  return DELIMITERS.reduce((best, next) => (count(next) > count(best) ? next : best));
}

/** Whether the first row of a CSV text names the columns: no name is a number, a date or an IP address. */
export function isHeader(cells: readonly string[]): boolean {
  return !cells.some((cell) => VALUE.test(cell.trim()));
}

/**
 * The names of the columns that a header's cells give. Space around a name does not count. A column without a name is called
 * by its place, `column0` or, among more than ten, `column00`; a name that stands again, in whatever case, gets a number behind.
 */
export function columnNames(cells: readonly string[]): string[] {
  const taken = new Set<string>();
  return cells.map((cell, index) => {
    const name = cell.trim() || placeName(index, cells.length);
    let unique = name;
    for (let again = 1; taken.has(unique.toLowerCase()); again++) unique = `${name}_${again}`;
    taken.add(unique.toLowerCase());
    return unique;
  });
}

/** What the columns of a CSV text without a header are called. */
export function placeNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => placeName(index, count));
}

function placeName(index: number, count: number): string {
  return `column${String(index).padStart(String(count - 1).length, "0")}`;
}

/**
 * A row's cells, as many as the header has. Empty ones behind these do not count: some write a delimiter behind each row.
 * @returns undefined where there are too few, or too many
 */
export function fitCells(cells: readonly string[], width: number): readonly string[] | undefined {
  if (cells.length === width) return cells;
  if (cells.length < width || cells.slice(width).some((cell) => cell !== "")) return undefined;
  return cells.slice(0, width);
}

/** What is said of a row that does not fit. */
export function widthProblem({ cells, line }: CsvRow, width: number): string {
  const found = `${cells.length} ${cells.length === 1 ? "cell" : "cells"}`;
  return `line ${line} has ${found}, the first line ${width}; correct or remove it`;
}
