import {
  type CsvFault,
  type CsvRow,
  CsvRows,
  columnNames,
  findDelimiter,
  fitCells,
  isHeader,
  placeNames,
} from "@oddflow/flow-sources";
import type { FlowBatch } from "./flow-batch.ts";
import { Problem } from "./problem.ts";
import { type RecordReader, type RecordReaderOptions, RecordWriter } from "./record-reader.ts";

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

/**
 * Rows of CSV, a record each. The first names the columns, where it does not hold values. What a cell's text means is for the
 * encoder of records to say.
 */
export class CsvReader implements RecordReader {
  readonly #writer: RecordWriter;
  readonly #recordBytes: number;
  readonly #isTabbed: boolean;
  readonly #takesMissing: boolean;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  /** What has come before the first line is whole, then before it is cut into rows. */
  #text = "";
  #rows: readonly CsvRow[] = [];
  #next = 0;
  #parser: CsvRows | undefined;
  #header: Header | undefined;
  #hasEnded = false;
  #fault: Problem | undefined;

  constructor(options: RecordReaderOptions, isTabbed: boolean) {
    this.#writer = new RecordWriter(options);
    this.#recordBytes = options.limits.recordBytes;
    this.#isTabbed = isTabbed;
    this.#takesMissing = options.takesMissing;
  }

  feed(bytes: Uint8Array): void {
    this.#decode(bytes);
  }

  end(): void {
    this.#decode(undefined);
    this.#hasEnded = true;
  }

  fill(batch: FlowBatch): void {
    while (!batch.isFull) {
      const row = this.#rows[this.#next];
      if (row === undefined) {
        if (!this.#cutMore(batch)) break;
        continue;
      }
      this.#next++;
      if (this.#header === undefined) {
        const hasHeader = isHeader(row.cells);
        this.#header = this.#readHeader(
          hasHeader ? columnNames(row.cells) : placeNames(row.cells.length),
          hasHeader,
        );
        if (hasHeader) continue;
      }
      this.#readRow(batch, row, this.#header);
    }
    if (this.#hasEnded && this.#header === undefined) {
      throw new Problem(
        "unreadable-body",
        "the body is empty; expected CSV with the columns' names in its first row",
      );
    }
  }

  #decode(bytes: Uint8Array | undefined): void {
    if (this.#fault !== undefined) return;
    try {
      this.#text += this.#decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      this.#fault = notUtf8();
    }
  }

  /** False where there are no more rows now. */
  #cutMore(batch: FlowBatch): boolean {
    const parser = this.#openParser();
    if (parser === undefined) {
      this.#writer.checkBytes(batch, this.#text.length);
      if (this.#fault !== undefined) throw this.#fault;
      return false;
    }
    const text = this.#text;
    this.#text = "";
    const isLast = this.#hasEnded && this.#fault === undefined;
    this.#rows = isLast ? [...parser.read(text), ...parser.end()] : parser.read(text);
    this.#next = 0;
    if (this.#rows.length > 0) return true;
    if (this.#fault !== undefined) throw this.#fault;
    return false;
  }

  /** The parser for the delimiter that the first line tells, once that is whole. */
  #openParser(): CsvRows | undefined {
    if (this.#parser !== undefined) return this.#parser;
    const firstLine =
      /[^\r\n]+(?=[\r\n])/.exec(this.#text) ?? (this.#hasEnded ? /[^\r\n]+/.exec(this.#text) : null);
    if (firstLine === null) return undefined;
    if (firstLine[0].includes("\0")) throw notUtf8();
    const delimiter = this.#isTabbed ? "\t" : findDelimiter(firstLine[0]);
    this.#parser = new CsvRows(delimiter, problemOf, this.#recordBytes);
    return this.#parser;
  }

  #readHeader(names: readonly string[], hasHeader: boolean): Header {
    const places = new Map(names.map((name, index) => [name, index]));
    const { columns } = this.#writer;
    const missing = columns.filter(({ name }) => !places.has(name)).map(({ name }) => name);
    if (missing.length > 0 && (!this.#takesMissing || missing.length === columns.length)) {
      const where = hasHeader
        ? "the header lacks"
        : "the first row holds values and no names, so the body lacks";
      throw new Problem(
        "missing-columns",
        `${where} ${missing.length} of the model's ${columns.length} columns: ${missing.join(", ")}; ` +
          (missing.length === columns.length
            ? "use a model for these flows"
            : "send them, or ask with ?missing=allow"),
      );
    }
    const cells = columns.flatMap(({ name }) => {
      const index = places.get(name);
      return index === undefined ? [] : [{ name, index }];
    });
    return { width: names.length, cells };
  }

  #readRow(batch: FlowBatch, { cells: found }: CsvRow, { width, cells }: Header): void {
    this.#writer.checkBytes(
      batch,
      found.reduce((sum, cell) => sum + cell.length + 1, 0),
    );
    const row = fitCells(found, width);
    if (row === undefined) {
      batch.reject({
        code: "RECORD_INVALID",
        found: `${found.length} cells`,
        expected: `${width} cells`,
      });
      return;
    }
    this.#writer.addRecord(batch, Object.fromEntries(cells.map(({ name, index }) => [name, row[index]])));
  }
}

function notUtf8(): Problem {
  return new Problem(
    "unreadable-body",
    "the body is not UTF-8; send UTF-8 (UTF-16 and Windows-1252 are not read)",
  );
}

function problemOf({ kind, problem }: CsvFault): Problem {
  return new Problem(kind === "too long" ? "too-large" : "unreadable-body", problem);
}
