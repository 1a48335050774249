import { type CsvFault, type FlowRow, FlowRows, TextDecoding } from "@oddflow/flow-sources";
import type { FlowBatch } from "./flow-batch.ts";
import { Problem } from "./problem.ts";
import { type RecordReader, type RecordReaderOptions, RecordWriter } from "./record-reader.ts";

/** A column of the table that the model has too. */
interface Cell {
  readonly name: string;
  readonly index: number;
}

/**
 * Rows of CSV or of a Zeek log, a record each. The first row, or what Zeek says of its fields, names the columns. What a cell's
 * text means is for the encoder of records to say.
 */
export class CsvReader implements RecordReader {
  readonly #writer: RecordWriter;
  readonly #takesMissing: boolean;
  readonly #rows: FlowRows;
  readonly #decoding = new TextDecoding();
  /** What has come since rows were cut last. */
  #text = "";
  #cut: readonly FlowRow[] = [];
  #next = 0;
  #names: readonly string[] | undefined;
  #cells: readonly Cell[] = [];
  #hasEnded = false;
  #isRead = false;

  constructor(options: RecordReaderOptions, isTabbed: boolean) {
    this.#writer = new RecordWriter(options);
    this.#takesMissing = options.takesMissing;
    const longest = options.limits.recordBytes;
    this.#rows = new FlowRows(problemOf, isTabbed ? { delimiter: "\t", longest } : { longest });
  }

  feed(bytes: Uint8Array): void {
    this.#text += this.#decoding.decode(bytes);
  }

  end(): void {
    this.#text += this.#decoding.decode();
    this.#hasEnded = true;
  }

  fill(batch: FlowBatch): void {
    while (!batch.isFull) {
      const row = this.#cut[this.#next];
      if (row === undefined) {
        if (!this.#cutMore()) break;
        continue;
      }
      this.#next++;
      this.#readRow(batch, row);
    }
    const { layout } = this.#rows;
    if (layout !== undefined && this.#names === undefined) this.#readNames(layout.names);
    if (this.#hasEnded && layout === undefined) {
      throw new Problem(
        "unreadable-body",
        "the body is empty; expected CSV with the columns' names in its first row",
      );
    }
  }

  /** False where there are no more rows now. */
  #cutMore(): boolean {
    const text = this.#text;
    this.#text = "";
    if (this.#isRead || (text === "" && !this.#hasEnded)) return false;
    this.#cut = this.#hasEnded ? [...this.#rows.read(text), ...this.#rows.end()] : this.#rows.read(text);
    this.#isRead = this.#hasEnded;
    this.#next = 0;
    return this.#cut.length > 0;
  }

  /** Finds the model's columns. A Zeek log may name its fields anew. */
  #readNames(names: readonly string[]): void {
    const places = new Map(names.map((name, index) => [name, index]));
    const needed = this.#writer.names;
    const missing = needed.filter((name) => !places.has(name));
    if (missing.length > 0 && (!this.#takesMissing || missing.length === needed.length)) {
      const where = this.#rows.layout?.hasHeader
        ? "the header lacks"
        : "the first row holds values and no names, so the body lacks";
      throw new Problem(
        "missing-columns",
        `${where} ${missing.length} of the model's ${needed.length} columns: ${missing.join(", ")}; ` +
          (missing.length === needed.length
            ? "use a model for these flows"
            : "send them, or ask with ?missing=allow"),
      );
    }
    this.#names = names;
    this.#cells = needed.flatMap((name) => {
      const index = places.get(name);
      return index === undefined ? [] : [{ name, index }];
    });
  }

  #readRow(batch: FlowBatch, { head, cells, line, problem, noFlow }: FlowRow): void {
    const { names } = head;
    if (names !== this.#names && names.length > 0) this.#readNames(names);
    this.#writer.checkBytes(
      batch,
      cells.reduce((sum, cell) => sum + cell.length + 1, 0),
    );
    if (noFlow !== undefined) batch.rejectEvent(noFlow, line);
    else if (problem !== undefined) {
      batch.reject({
        code: "RECORD_INVALID",
        found: `${cells.length} cells`,
        expected: `${names.length} cells`,
      });
    } else {
      const record = Object.fromEntries(this.#cells.map(({ name, index }) => [name, cells[index]]));
      this.#writer.addRecord(batch, record);
    }
  }
}

function problemOf({ kind, problem }: CsvFault): Problem {
  if (kind === "no text") {
    return new Problem("unreadable-body", "the body is no text; send UTF-8 (UTF-16 is not read)");
  }
  return new Problem(kind === "too long" ? "too-large" : "unreadable-body", problem);
}
