import { LONGEST_LINE } from "./lines.ts";

/** A row of a CSV text. */
export interface CsvRow {
  readonly cells: string[];
  /** As it is written, without the end of its line. */
  readonly text: string;
  /** Whether a line's end stands behind it: the last one of a text may lack it. */
  readonly isEnded: boolean;
  /** The line on which it begins, from 1. */
  readonly line: number;
}

/** What keeps a CSV text from being read any further. */
export interface CsvFault {
  readonly line: number;
  readonly kind: "open quote" | "text behind a quote" | "too long" | "no text";
  /** In words, with what to do. */
  readonly problem: string;
}

/** A row of this many letters that is not whole is looked at again only when twice as many have come. */
const LONG_ROW = 65_536;

/**
 * Cuts CSV text (RFC 4180) into rows of cells, a piece of text at a time, wherever it is cut. Lines end in \n, \r\n or \r,
 * also by turns. Space before an opening quote and behind a closing one does not count, all other space does. No row is a
 * comment. An empty line is a row of one empty cell, and left out where the first row has several cells.
 */
export class CsvRows {
  readonly #delimiter: string | undefined;
  readonly #fail: (fault: CsvFault) => Error;
  readonly #longest: number;
  #rest = "";
  /** Of the text that is in `#rest`, from 1. */
  #line = 1;
  #isWide: boolean | undefined;
  #enough = 0;
  #error: Error | undefined;

  /**
   * @param delimiter where it is absent, each line is a row of one cell, whatever quotes it has
   * @param fail makes what is thrown for text that cannot be read, once the rows before it have been given
   * @param longest letters that a row may have
   */
  constructor(
    delimiter: string | undefined,
    fail: (fault: CsvFault) => Error,
    longest: number = LONGEST_LINE,
  ) {
    this.#delimiter = delimiter;
    this.#fail = fail;
    this.#longest = longest;
  }

  get delimiter(): string | undefined {
    return this.#delimiter;
  }

  /** Whether nothing waits for more text to become a row. */
  get isBetweenRows(): boolean {
    return this.#rest === "" && this.#error === undefined;
  }

  /** Passes over lines of the text, which are not given to `read`. */
  skipLines(count: number): void {
    this.#line += count;
  }

  /** The rows that are whole with this piece. */
  read(piece: string): CsvRow[] {
    this.#rest += piece;
    return this.#rest.length < this.#enough ? [] : this.#cut(false);
  }

  /** The last rows; where no line's end stands behind the last, it is a row all the same. */
  end(): CsvRow[] {
    return this.#cut(true);
  }

  #cut(isEnd: boolean): CsvRow[] {
    const rows: CsvRow[] = [];
    const { length } = this.#rest;
    let at = 0;
    while (this.#error === undefined && at < length) {
      const next = this.#cutRow(at, isEnd, rows);
      if (next === undefined) break;
      at = next;
    }
    this.#rest = this.#rest.slice(at);
    if (this.#rest.length > this.#longest) this.#error ??= this.#tooLong();
    if (this.#error !== undefined && rows.length === 0) throw this.#error;
    this.#enough = this.#rest.length > LONG_ROW ? 2 * this.#rest.length : 0;
    return rows;
  }

  /** Cuts the row that begins at a place; gives where the next begins, or nothing where there is no whole row. */
  #cutRow(at: number, isEnd: boolean, rows: CsvRow[]): number | undefined {
    const text = this.#rest;
    const end = lineEnd(text, at);
    // A \r at the very end may be half of a \r\n.
    const isWhole = end < text.length && (isEnd || text[end] !== "\r" || end + 1 < text.length);
    if (!isWhole && !isEnd) return undefined;
    const line = text.slice(at, end);
    const delimiter = this.#delimiter;
    const quoted =
      delimiter !== undefined && line.includes('"') ? this.#quotedRow(text, delimiter, at, isEnd) : undefined;
    if (quoted === "unfinished") return undefined;
    if (quoted instanceof Error) {
      this.#error = quoted;
      return undefined;
    }
    const rowEnd = quoted?.end ?? end;
    if (rowEnd - at > this.#longest) {
      this.#error = this.#tooLong();
      return undefined;
    }
    const isEnded = rowEnd < text.length;
    if (quoted) this.#accept(rows, quoted.cells, text.slice(at, rowEnd), isEnded);
    else if (line !== "" || this.#isWide === false)
      this.#accept(rows, delimiter === undefined ? [line] : line.split(delimiter), line, isEnded);
    this.#line += quoted?.lines ?? 1;
    return afterLineEnd(text, rowEnd);
  }

  #accept(rows: CsvRow[], cells: string[], text: string, isEnded: boolean): void {
    this.#isWide ??= cells.length > 1;
    rows.push({ cells, text, isEnded, line: this.#line });
  }

  /** A row that has quotes, which may go on over several lines. */
  #quotedRow(
    text: string,
    delimiter: string,
    from: number,
    isEnd: boolean,
  ): "unfinished" | Error | { readonly cells: string[]; readonly end: number; readonly lines: number } {
    const cells: string[] = [];
    let lines = 1;
    let at = from;
    for (;;) {
      const start = at;
      const open = afterSpace(text, at);
      if (text[open] === '"') {
        let cell = "";
        at = open;
        do {
          const close = text.indexOf('"', at + 1);
          if (close < 0) {
            if (!isEnd) return "unfinished";
            return this.#fault("open quote", "opens a quote that is never closed; close it");
          }
          if (at > open) cell += '"';
          cell += text.slice(at + 1, close);
          at = close + 1;
        } while (text[at] === '"');
        lines += countLineEnds(cell);
        cells.push(cell);
        at = afterSpace(text, at);
      } else {
        at = cellEnd(text, open, delimiter);
        cells.push(text.slice(start, at));
      }
      if (at === text.length && !isEnd) return "unfinished";
      if (text[at] === "\r" && at + 1 === text.length && !isEnd) return "unfinished";
      if (at === text.length || isLineEnd(text[at])) return { cells, end: at, lines };
      if (text[at] !== delimiter) {
        return this.#fault(
          "text behind a quote",
          "has text behind a closing quote; write a quote within quotes twice",
        );
      }
      at++;
    }
  }

  #tooLong(): Error {
    return this.#fault("too long", `has more than ${this.#longest} letters; expected one flow a line`);
  }

  #fault(kind: CsvFault["kind"], problem: string): Error {
    return this.#fail({ line: this.#line, kind, problem: `line ${this.#line} ${problem}` });
  }
}

/** Where the line that `from` lies in ends: the place of its \n or \r, or the text's length. */
function lineEnd(text: string, from: number): number {
  const feed = text.indexOf("\n", from);
  const end = feed < 0 ? text.length : feed;
  // Looked for within the line only: a file without any \r would be searched to its end for each line.
  const carriage = text.slice(from, end).indexOf("\r");
  return carriage < 0 ? end : from + carriage;
}

function afterLineEnd(text: string, end: number): number {
  return text[end] === "\r" && text[end + 1] === "\n" ? end + 2 : end + 1;
}

function cellEnd(text: string, from: number, delimiter: string): number {
  let at = from;
  while (at < text.length && text[at] !== delimiter && !isLineEnd(text[at])) at++;
  return at;
}

function afterSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === " ") at++;
  return at;
}

function isLineEnd(letter: string | undefined): boolean {
  return letter === "\n" || letter === "\r";
}

function countLineEnds(cell: string): number {
  return cell.match(/\r\n|\r|\n/g)?.length ?? 0;
}
