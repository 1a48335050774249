import { isUtf8 } from "node:buffer";
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type CsvFault, type CsvRow, CsvRows, fitCells, widthProblem } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import type { CsvLayout } from "./csv-layout.ts";
import { readText, type TableFile, unpackedBytes } from "./table-files.ts";

const [LINE_FEED, VERTICAL_TAB, FORM_FEED, RETURN, OPEN, PLUS, MINUS, UNDERSCORE] = [
  10, 11, 12, 13, 40, 43, 45, 95,
];

/** What of a CSV file's text DuckDB would read in another way. */
export interface CsvOddities {
  /** Whether lines end in more than one way, line breaks within quotes counted: DuckDB takes one kind for a whole file. */
  readonly mixedLineEnds: boolean;
  /** Whether there may be a cell that DuckDB alone takes for a number. */
  readonly looseNumbers: boolean;
}

/**
 * Reads a CSV file's bytes once.
 * @throws OddflowError TABLE_UNREADABLE: bytes that are not UTF-8, with their line; damaged gzip data
 */
export async function findOddities(file: TableFile): Promise<CsvOddities> {
  const ends = { feed: false, pair: false, carriage: false };
  let line = 1;
  let isAfterReturn = false;
  let looseNumbers = false;
  let before = Buffer.alloc(0);
  let cut = Buffer.alloc(0);
  for await (const piece of unpackedBytes(file)) {
    const bytes = cut.length === 0 ? piece : Buffer.concat([cut, piece]);
    const whole = wholeCharacters(bytes);
    if (!isUtf8(bytes.subarray(0, whole))) throw notUtf8(file, line + linesBefore(bytes));
    cut = Buffer.from(bytes.subarray(whole));
    line += countFeeds(piece);
    isAfterReturn = noteEnds(piece, isAfterReturn, ends);
    if (looseNumbers) continue;
    looseNumbers = hasLooseNumber(Buffer.concat([before, piece]));
    before = Buffer.from(piece.subarray(-LONGEST_MARK));
  }
  if (cut.length > 0) throw notUtf8(file, line);
  if (isAfterReturn) ends.carriage = true;
  return { mixedLineEnds: [ends.feed, ends.pair, ends.carriage].filter(Boolean).length > 1, looseNumbers };
}

/** Bytes that tell a number that only DuckDB takes for one: the most that have to be seen at once, less one. */
const LONGEST_MARK = 3;

/** Whether bytes hold 1_000, -nan, nan(1), or space that is none to the rest of Oddflow. */
function hasLooseNumber(bytes: Buffer): boolean {
  if (bytes.includes(VERTICAL_TAB) || bytes.includes(FORM_FEED)) return true;
  for (let at = bytes.indexOf(UNDERSCORE); at >= 0; at = bytes.indexOf(UNDERSCORE, at + 1)) {
    if (isDigit(bytes[at - 1]) && isDigit(bytes[at + 1])) return true;
  }
  return ["nan", "NaN", "NAN", "Nan"].some((nan) => {
    for (let at = bytes.indexOf(nan); at >= 0; at = bytes.indexOf(nan, at + 1)) {
      const [first, behind] = [bytes[at - 1], bytes[at + nan.length]];
      if (first === PLUS || first === MINUS || behind === OPEN) return true;
    }
    return false;
  });
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
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
      return csvLine(fitted(file, row, names.length), delimiter);
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

/** Cells as a line of CSV. */
export function csvLine(cells: readonly string[], delimiter: string): string {
  return `${cells.map((cell) => quoted(cell, delimiter)).join(delimiter)}\n`;
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
