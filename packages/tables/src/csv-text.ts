import { isUtf8 } from "node:buffer";
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type CsvFault, type CsvRow, CsvRows, fitCells, widthProblem } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import type { CsvLayout } from "./csv-layout.ts";
import { readText, type TableFile, unpackedBytes } from "./table-files.ts";

const [LINE_FEED, RETURN] = [10, 13];

/**
 * Reads a CSV file's bytes once. DuckDB takes one kind of line end for a whole file, so it is to read a copy of one that mixes
 * them.
 * @returns whether lines end in more than one way, line breaks within quotes counted
 * @throws OddflowError TABLE_UNREADABLE: bytes that are not UTF-8, with their line; damaged gzip data
 */
export async function hasMixedLineEnds(file: TableFile): Promise<boolean> {
  const ends = { feed: false, pair: false, carriage: false };
  let line = 1;
  let isAfterReturn = false;
  let cut = Buffer.alloc(0);
  for await (const piece of unpackedBytes(file)) {
    const bytes = cut.length === 0 ? piece : Buffer.concat([cut, piece]);
    const whole = wholeCharacters(bytes);
    if (!isUtf8(bytes.subarray(0, whole))) throw notUtf8(file, line + linesBefore(bytes));
    cut = Buffer.from(bytes.subarray(whole));
    line += countFeeds(piece);
    isAfterReturn = noteEnds(piece, isAfterReturn, ends);
  }
  if (cut.length > 0) throw notUtf8(file, line);
  if (isAfterReturn) ends.carriage = true;
  return [ends.feed, ends.pair, ends.carriage].filter(Boolean).length > 1;
}

/** Notes how lines end; gives whether the piece ends in the middle of what may be a \r\n. */
function noteEnds(
  piece: Buffer,
  isAfterReturn: boolean,
  ends: { feed: boolean; pair: boolean; carriage: boolean },
): boolean {
  let from = 0;
  if (isAfterReturn) {
    if (piece[0] === LINE_FEED) {
      ends.pair = true;
      from = 1;
    } else ends.carriage = true;
  }
  for (;;) {
    const carriage = piece.indexOf(RETURN, from);
    if (!ends.feed) {
      const feed = piece.indexOf(LINE_FEED, from);
      if (feed >= 0 && (carriage < 0 || feed < carriage)) ends.feed = true;
    }
    if (carriage < 0) return false;
    if (carriage + 1 === piece.length) return true;
    if (piece[carriage + 1] === LINE_FEED) ends.pair = true;
    else ends.carriage = true;
    if (ends.feed && ends.pair) return false;
    from = carriage + (piece[carriage + 1] === LINE_FEED ? 2 : 1);
  }
}

/** Where the last whole character of UTF-8 text ends: up to three bytes of the next may stand behind it. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** How many lines end before the first byte that is not UTF-8. */
function linesBefore(bytes: Buffer): number {
  let from = 0;
  for (let lines = 0; ; lines++) {
    const feed = bytes.indexOf(LINE_FEED, from);
    if (feed < 0 || !isUtf8(bytes.subarray(from, feed))) return lines;
    from = feed + 1;
  }
}

function countFeeds(bytes: Buffer): number {
  let feeds = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) feeds++;
  return feeds;
}

/**
 * Writes a file's rows again, each on a line that ends in \n.
 * @returns letters of the longest row
 * @throws OddflowError TABLE_UNREADABLE, with the line
 */
export async function writePlainCsv(
  file: TableFile,
  { delimiter, names }: CsvLayout,
  path: string,
): Promise<number> {
  let longest = 0;
  const rows = new CsvRows(delimiter, ({ problem }: CsvFault) => unreadable(file, problem));
  const written = (some: readonly CsvRow[]): string => {
    const lines = some.map((row) => {
      const cells = fitted(file, row, names.length).map((cell) => quoted(cell, delimiter));
      return `${cells.join(delimiter)}\n`;
    });
    for (const line of lines) longest = Math.max(longest, line.length);
    return lines.join("");
  };
  const text = async function* (): AsyncGenerator<string> {
    for await (const piece of readText(file)) yield written(rows.read(piece));
    yield written(rows.end());
  };
  await pipeline(Readable.from(text()), createWriteStream(path, { mode: 0o600 }));
  return longest;
}

function fitted(file: TableFile, row: CsvRow, width: number): readonly string[] {
  const cells = fitCells(row.cells, width);
  if (cells === undefined) throw unreadable(file, widthProblem(row, width));
  return cells;
}

function quoted(cell: string, delimiter: string): string {
  return /["\r\n]/.test(cell) || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function notUtf8(file: TableFile, line: number): OddflowError {
  return unreadable(file, `line ${line} is not UTF-8 text; save the file as UTF-8`);
}

function unreadable(file: TableFile, problem: string): OddflowError {
  return new OddflowError("TABLE_UNREADABLE", `open table: ${file.path} cannot be read as CSV: ${problem}`);
}
