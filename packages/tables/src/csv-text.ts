import { isUtf8 } from "node:buffer";
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  type CsvFault,
  type FlowRow,
  FlowRows,
  type RowHead,
  type RowLayout,
  TextDecoding,
} from "@oddflow/flow-sources";
import { rowsOptions, unreadableCsv } from "./csv-layout.ts";
import type { TableFile } from "./table-files.ts";
import { readText, unpackedBytes } from "./unpack.ts";

const [LINE_FEED, VERTICAL_TAB, FORM_FEED, RETURN, OPEN, PLUS, MINUS, UNDERSCORE] = [
  10, 11, 12, 13, 40, 43, 45, 95,
];

/** What of a CSV file's text DuckDB would read in another way. */
export interface CsvOddities {
  /** Whether DuckDB cuts it into the same rows: it takes one kind of line end for a whole file, UTF-8 only, and a header that stands again for a row. */
  readonly hasPlainRows: boolean;
  /** Whether there may be a cell that DuckDB alone takes for a number. */
  readonly looseNumbers: boolean;
}

/**
 * Reads a CSV file's bytes once.
 * @throws OddflowError TABLE_UNREADABLE: damaged gzip or zstd data
 */
export async function findOddities(file: TableFile, { names, hasHeader }: RowLayout): Promise<CsvOddities> {
  const ends = { feed: false, pair: false, carriage: false };
  const header = hasHeader ? new RepeatedName(names) : undefined;
  let isAfterReturn = false;
  let looseNumbers = false;
  let hasPlainRows = true;
  let before = Buffer.alloc(0);
  let cut = Buffer.alloc(0);
  for await (const unpacked of unpackedBytes(file)) {
    const piece = Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.length);
    const bytes = cut.length === 0 ? piece : Buffer.concat([cut, piece]);
    const whole = wholeCharacters(bytes);
    if (!isUtf8(bytes.subarray(0, whole)) || header?.isRepeatedIn(piece) === true) hasPlainRows = false;
    cut = Buffer.from(bytes.subarray(whole));
    isAfterReturn = noteEnds(piece, isAfterReturn, ends);
    if (looseNumbers) continue;
    looseNumbers = hasLooseNumber(Buffer.concat([before, piece]));
    before = Buffer.from(piece.subarray(-LONGEST_MARK));
  }
  if (isAfterReturn) ends.carriage = true;
  const kinds = [ends.feed, ends.pair, ends.carriage].filter(Boolean).length;
  return { hasPlainRows: hasPlainRows && cut.length === 0 && kinds <= 1, looseNumbers };
}

/** Looks for the longest of a header's names further down: where it stands, the header may. */
class RepeatedName {
  readonly #name: Buffer;
  /** How often the header itself has it: another name may hold it. */
  readonly #expected: number;
  #found = 0;
  #cut = Buffer.alloc(0);

  constructor(names: readonly string[]) {
    const plain = names.filter((name) => !name.includes('"'));
    const longest = plain.reduce((best, name) => (name.length > best.length ? name : best), "");
    this.#name = Buffer.from(longest);
    this.#expected = plain.filter((name) => name.includes(longest)).length;
  }

  isRepeatedIn(piece: Buffer): boolean {
    if (this.#name.length === 0) return false;
    const bytes = this.#cut.length === 0 ? piece : Buffer.concat([this.#cut, piece]);
    for (let at = bytes.indexOf(this.#name); at >= 0; at = bytes.indexOf(this.#name, at + 1)) this.#found++;
    this.#cut = Buffer.from(bytes.subarray(Math.max(0, bytes.length - this.#name.length + 1)));
    return this.#found > this.#expected;
  }
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

/** A copy of a file's flows that DuckDB can read: commas, a line a flow, no header. */
export interface PlainCsv {
  /** The columns, in the copy's order: all that some row has. */
  readonly names: readonly string[];
  /** Letters of its longest row. */
  readonly longest: number;
  /** What of the file is no flow, in words, and how often. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** Whether bytes that are not UTF-8 were taken for Windows-1252. */
  readonly isMended: boolean;
}

/**
 * Writes a file's flows again, each on a line that ends in \n.
 * @throws OddflowError TABLE_UNREADABLE, with the line
 */
export async function writePlainCsv(file: TableFile, { names }: RowLayout, path: string): Promise<PlainCsv> {
  let wanted = names;
  for (;;) {
    const copy = new PlainCopy(wanted);
    const rows = new FlowRows(({ problem }: CsvFault) => unreadableCsv(file, problem), rowsOptions(file));
    const decoding = new TextDecoding();
    const text = async function* (): AsyncGenerator<string> {
      for await (const piece of readText(file, decoding)) yield copy.linesOf(file, rows.read(piece));
      yield copy.linesOf(file, rows.end());
    };
    await pipeline(Readable.from(text()), createWriteStream(path, { mode: 0o600 }));
    const { leftOut } = rows;
    if (copy.names.length === wanted.length) {
      return { names: wanted, longest: copy.longest, leftOut, isMended: decoding.isMended };
    }
    // A log went on with other fields: its first rows are written anew, with room for these.
    wanted = copy.names;
  }
}

/** Rows with the cells of all columns, in one order. */
class PlainCopy {
  readonly names: string[];
  longest = 0;
  #head: RowHead | undefined;
  /** Where each column is among the cells; -1 where it is not. */
  #places: readonly number[] = [];

  constructor(names: readonly string[]) {
    this.names = [...names];
  }

  linesOf(file: TableFile, rows: readonly FlowRow[]): string {
    let lines = "";
    for (const { head, cells, problem, noFlow } of rows) {
      if (problem !== undefined) throw unreadableCsv(file, problem);
      if (noFlow !== undefined) continue;
      if (head !== this.#head) this.#useHead(head);
      const line = csvLine(
        this.#places.map((place) => (place < 0 ? "" : (cells[place] as string))),
        ",",
      );
      this.longest = Math.max(this.longest, line.length);
      lines += line;
    }
    return lines;
  }

  #useHead(head: RowHead): void {
    this.#head = head;
    this.names.push(...head.names.filter((name) => !this.names.includes(name)));
    this.#places = this.names.map((name) => head.names.indexOf(name));
  }
}

/** Cells as a line of CSV. */
export function csvLine(cells: readonly string[], delimiter: string): string {
  return `${cells.map((cell) => quoted(cell, delimiter)).join(delimiter)}\n`;
}

function quoted(cell: string, delimiter: string): string {
  return /["\r\n]/.test(cell) || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
