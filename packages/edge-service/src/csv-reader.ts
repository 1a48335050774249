import Papa from "papaparse";
import type { FlowBatch } from "./flow-batch.ts";
import { Problem } from "./problem.ts";
import { type RecordReader, type RecordReaderOptions, RecordWriter } from "./record-reader.ts";

/** As packages/tables finds them. */
const DELIMITERS = [",", "\t", ";", "|"] as const;

/** A column of the header that the model has too. */
interface Cell {
  readonly name: string;
  readonly index: number;
}

/** What the first row says. */
interface Header {
  readonly width: number;
  readonly cells: readonly Cell[];
}

/** Rows of CSV (RFC 4180) with a header, a record each. What a cell's text means is for the encoder of records to say. */
export class CsvReader implements RecordReader {
  readonly #writer: RecordWriter;
  readonly #isTabbed: boolean;
  readonly #decoder = new TextDecoder("utf-8");
  #text = "";
  #rows: readonly (readonly string[])[] = [];
  #next = 0;
  #parser: Papa.Parser | undefined;
  #header: Header | undefined;
  #hasEnded = false;
  /** Text of this length is looked at again: a row was not whole before. */
  #enough = 0;

  constructor(options: RecordReaderOptions, isTabbed: boolean) {
    this.#writer = new RecordWriter(options);
    this.#isTabbed = isTabbed;
  }

  feed(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
  }

  end(): void {
    this.#hasEnded = true;
    this.#text += this.#decoder.decode();
  }

  fill(batch: FlowBatch): void {
    while (!batch.isFull) {
      const row = this.#rows[this.#next];
      if (row === undefined) {
        if (!this.#parseMore(batch)) break;
        continue;
      }
      this.#next++;
      // A blank line.
      if (row.length === 1 && row[0]?.trim() === "") continue;
      if (this.#header === undefined) this.#header = this.#readHeader(row);
      else this.#readRow(batch, row, this.#header);
    }
    if (this.#hasEnded && this.#header === undefined) {
      throw new Problem(
        "unreadable-body",
        "the body is empty; expected CSV with the columns' names in its first row",
      );
    }
  }

  /** False where there are no more rows now. */
  #parseMore(batch: FlowBatch): boolean {
    if (this.#text.length < this.#enough && !this.#hasEnded) return false;
    const line = this.#text.indexOf("\n");
    if (line < 0 && !this.#hasEnded) {
      this.#checkPending(batch);
      return false;
    }
    if (this.#text === "") return false;
    this.#parser ??= makeParser(line < 0 ? this.#text : this.#text.slice(0, line + 1), this.#isTabbed);
    const { data, meta } = this.#parser.parse(this.#text, 0, !this.#hasEnded) as Papa.ParseResult<string[]>;
    this.#rows = data;
    this.#next = 0;
    this.#text = this.#hasEnded ? "" : this.#text.slice(meta.cursor);
    // A cell with line breaks in it: reading it again with every byte would never come to an end.
    this.#enough = data.length === 0 ? 2 * this.#text.length : 0;
    if (data.length === 0) this.#checkPending(batch);
    return data.length > 0;
  }

  /** A row has at most three times the letters of its cells and what parts them: all of them quotes, and quoted. */
  #checkPending(batch: FlowBatch): void {
    this.#writer.checkBytes(batch, this.#text.length / 3 - 1);
  }

  #readHeader(names: readonly string[]): Header {
    const again = names.find((name, i) => names.indexOf(name) < i);
    if (again !== undefined) {
      throw new Problem(
        "unreadable-body",
        `the header has the column "${again}" twice; name each column once`,
      );
    }
    const known = new Set(this.#writer.columns.map(({ name }) => name));
    const cells = names.map((name, index) => ({ name, index })).filter(({ name }) => known.has(name));
    return { width: names.length, cells };
  }

  #readRow(batch: FlowBatch, row: readonly string[], { width, cells }: Header): void {
    this.#writer.checkBytes(
      batch,
      row.reduce((sum, cell) => sum + cell.length + 1, 0),
    );
    if (row.length !== width) {
      batch.reject({
        code: "RECORD_INVALID",
        found: `${row.length} cells`,
        expected: `${width} cells`,
      });
      return;
    }
    this.#writer.addRecord(batch, Object.fromEntries(cells.map(({ name, index }) => [name, row[index]])));
  }
}

/** The parser for the text's delimiter and line ends, which its first line tells. */
function makeParser(firstLine: string, isTabbed: boolean): Papa.Parser {
  const unquoted = firstLine.replaceAll(/"[^"]*"/g, "");
  const count = (delimiter: string): number => unquoted.split(delimiter).length;
  const delimiter = isTabbed
    ? "\t"
    : DELIMITERS.reduce((best, next) => (count(next) > count(best) ? next : best));
  return new Papa.Parser({ delimiter, newline: firstLine.endsWith("\r\n") ? "\r\n" : "\n" });
}
