import { OddflowError } from "@oddflow/preprocessing";

const DELIMITERS = [",", "\t", ";", "|"] as const;

/** The delimiter that a file's first line has most of, as `packages/tables` finds it. */
export function findDelimiter(firstLine: string): string {
  const unquoted = firstLine.replaceAll(/"[^"]*"/g, "");
  const count = (delimiter: string): number => unquoted.split(delimiter).length;
  return DELIMITERS.reduce((best, next) => (count(next) > count(best) ? next : best));
}

/**
 * Cuts the text of a CSV file (RFC 4180; lines may end in \n, \r\n or \r) into rows of cells, a piece of text at a time,
 * wherever it is cut. No row is a comment. Lines that are empty are passed over where a row has several cells.
 */
export class CsvRows {
  readonly #table: string;
  readonly #delimiter: string;
  #rest = "";
  /** Of the text that is in `#rest`, from 1. */
  #line = 1;
  #width: number | undefined;

  constructor(table: string, delimiter: string) {
    this.#table = table;
    this.#delimiter = delimiter;
  }

  /**
   * The rows that are whole with this piece; the first row of all is the header.
   * @throws OddflowError TABLE_UNREADABLE, with the line, when a row has more or fewer cells than the header.
   */
  read(piece: string): string[][] {
    return this.#cut(this.#rest + piece, false);
  }

  /** The last row, where no line's end stands behind it. @throws OddflowError as `read`, and for a quote left open. */
  end(): string[][] {
    return this.#cut(this.#rest, true);
  }

  #cut(text: string, isEnd: boolean): string[][] {
    const rows: string[][] = [];
    let at = 0;
    while (at < text.length) {
      const end = lineEnd(text, at);
      // A \r at the very end may be half of a \r\n.
      const isWhole = end < text.length && (isEnd || text[end] !== "\r" || end + 1 < text.length);
      if (!isWhole && !isEnd) break;
      const line = text.slice(at, end);
      const cells = line.includes('"') ? this.#quotedCells(text, at, isEnd) : undefined;
      if (cells === "unfinished") break;
      const next = afterLineEnd(text, cells?.end ?? end);
      this.#accept(rows, cells?.cells ?? line.split(this.#delimiter));
      this.#line += cells?.lines ?? 1;
      at = next;
    }
    this.#rest = text.slice(at);
    return rows;
  }

  #accept(rows: string[][], cells: string[]): void {
    this.#width ??= cells.length;
    if (cells.length === 1 && cells[0] === "" && this.#width > 1) return;
    if (cells.length !== this.#width) {
      throw this.#unreadable(
        `line ${this.#line} has ${cells.length} ${cells.length === 1 ? "cell" : "cells"}, the first line ${this.#width}; correct or remove it`,
      );
    }
    rows.push(cells);
  }

  /** A row that has quotes, which may go on over several lines. */
  #quotedCells(
    text: string,
    from: number,
    isEnd: boolean,
  ): "unfinished" | { readonly cells: string[]; readonly end: number; readonly lines: number } {
    const cells: string[] = [];
    let lines = 1;
    let at = from;
    for (;;) {
      let cell = "";
      if (text[at] === '"') {
        for (;;) {
          const close = text.indexOf('"', at + 1);
          if (close < 0) {
            if (!isEnd) return "unfinished";
            throw this.#unreadable(`line ${this.#line} opens a quote that is never closed; close it`);
          }
          cell += text.slice(at + 1, close);
          at = close + 1;
          if (text[at] !== '"') break;
          cell += '"';
        }
        if (at === text.length && !isEnd) return "unfinished";
        lines += countLineEnds(cell);
      }
      const start = at;
      while (at < text.length && text[at] !== this.#delimiter && text[at] !== "\n" && text[at] !== "\r") at++;
      cells.push(cell + text.slice(start, at));
      if (at === text.length && !isEnd) return "unfinished";
      if (text[at] === "\r" && at + 1 === text.length && !isEnd) return "unfinished";
      if (text[at] !== this.#delimiter) return { cells, end: at, lines };
      at++;
    }
  }

  #unreadable(problem: string): OddflowError {
    return new OddflowError(
      "TABLE_UNREADABLE",
      `open table: ${this.#table} cannot be read as CSV: ${problem}`,
    );
  }
}

/** Where the line that `from` lies in ends: the place of its \n or \r, or the text's length. */
function lineEnd(text: string, from: number): number {
  const feed = text.indexOf("\n", from);
  const end = feed < 0 ? text.length : feed;
  // Looked for within the line only: a file without any \r would be searched to its end for each line.
  const line = text.slice(from, end);
  const carriage = line.indexOf("\r");
  return carriage < 0 ? end : from + carriage;
}

function afterLineEnd(text: string, end: number): number {
  return text[end] === "\r" && text[end + 1] === "\n" ? end + 2 : end + 1;
}

function countLineEnds(cell: string): number {
  return cell.match(/\r\n|\r|\n/g)?.length ?? 0;
}
