import {
  type CsvFault,
  type FlowRow,
  FlowRows,
  type FlowScores,
  type KeptFields,
  type RowHead,
  ScoredRowsWriter,
  TextDecoding,
} from "@oddflow/flow-sources";
import { type ColumnSpec, createValueEncoder, OddflowError, type ValueEncoder } from "@oddflow/preprocessing";
import type { PipeFlows, PipeReader } from "./pipe-reader.ts";

/** Reads rows of CSV, or a log of Zeek's, from standard input. */
export class RowFlows implements PipeReader {
  readonly #columns: readonly ColumnSpec[];
  readonly #encoders: readonly ValueEncoder[];
  readonly #rows = new FlowRows(unreadable);
  readonly #decoding = new TextDecoding();
  readonly #encoder = new TextEncoder();
  readonly #writer: ScoredRowsWriter;
  #head: RowHead | undefined;
  /** Where each of the model's columns is among the cells. */
  #cells: readonly number[] = [];
  #read: readonly FlowRow[] = [];
  #flows = new Float32Array();

  constructor(columns: readonly ColumnSpec[], kept: KeptFields) {
    this.#columns = columns;
    this.#encoders = columns.map(createValueEncoder);
    this.#writer = new ScoredRowsWriter(kept);
  }

  get takenFor(): string | undefined {
    const { layout } = this.#rows;
    if (layout === undefined) return undefined;
    return layout.sensor?.title ?? (layout.form === "zeek" ? "a Zeek log" : "CSV");
  }

  get leftOut(): ReadonlyMap<string, number> {
    return this.#rows.leftOut;
  }

  read(piece: Uint8Array | undefined): PipeFlows {
    const width = this.#columns.length;
    const flows: FlowRow[] = [];
    let problem: OddflowError | undefined;
    try {
      const text = this.#decoding.decode(piece);
      const rows =
        piece === undefined ? [...this.#rows.read(text), ...this.#rows.end()] : this.#rows.read(text);
      if (rows.length * width > this.#flows.length) this.#flows = new Float32Array(2 * rows.length * width);
      for (const row of rows) {
        if (row.noFlow !== undefined) continue;
        this.#encode(row, flows.length * width);
        flows.push(row);
      }
    } catch (thrown) {
      if (!(thrown instanceof OddflowError)) throw thrown;
      problem = thrown;
    }
    this.#read = flows;
    return {
      count: flows.length,
      flows: this.#flows.subarray(0, flows.length * width),
      withColumns: flows.length,
      record: (flow) => recordOf(flows[flow] as FlowRow),
      problem,
    };
  }

  write(flow: number, scores: FlowScores): void {
    this.#writer.append(this.#read[flow] as FlowRow, scores);
  }

  take(): Uint8Array {
    return this.#encoder.encode(this.#writer.take());
  }

  #encode({ head, cells, line, problem }: FlowRow, first: number): void {
    if (problem !== undefined) throw new OddflowError("RECORD_INVALID", `score: standard input: ${problem}`);
    if (head !== this.#head) this.#cells = this.#findColumns(head, line);
    this.#head = head;
    for (const [k, place] of this.#cells.entries()) {
      const cell = cells[place] as string;
      // Made from the same columns, so the encoder exists.
      const code = (this.#encoders[k] as ValueEncoder)(cell);
      if (typeof code !== "number") throw notANumber(line, code.column, cell);
      this.#flows[first + k] = code;
    }
  }

  #findColumns({ names }: RowHead, line: number): readonly number[] {
    const missing = this.#columns.filter(({ name }) => !names.includes(name)).map(({ name }) => name);
    if (missing.length > 0) {
      throw new OddflowError(
        "COLUMNS_MISSING",
        `score: the rows on standard input from line ${line} on lack ${missing.length} of the model's ` +
          `${this.#columns.length} columns: ${missing.join(", ")} (they have ${names.slice(0, 8).join(", ")}` +
          `${names.length > 8 ? ", ..." : ""}); use a model for these flows`,
      );
    }
    return this.#columns.map(({ name }) => names.indexOf(name));
  }
}

function recordOf({ head, cells }: FlowRow): Record<string, unknown> {
  return Object.fromEntries(head.names.map((name, index) => [name, cells[index]]));
}

function notANumber(line: number, column: string, cell: string): OddflowError {
  const shown = cell.length > 60 ? `${cell.slice(0, 57)}...` : cell;
  return new OddflowError(
    "VALUE_NOT_A_NUMBER",
    `score: line ${line} of standard input, column "${column}": ${JSON.stringify(shown)} found, a number expected`,
  );
}

function unreadable({ problem }: CsvFault): OddflowError {
  return new OddflowError("TABLE_UNREADABLE", `score: standard input cannot be read as CSV: ${problem}`);
}
