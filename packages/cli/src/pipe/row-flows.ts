import {
  type CellEncoder,
  createCellEncoder,
  decodeText,
  type FlowRow,
  FlowRows,
  flowScores,
  type KeptFields,
  LineFramer,
  LONGEST_LINE,
  type RowHead,
  ScoredRowsWriter,
  SoughtCells,
} from "@oddflow/flow-sources";
import { createValueEncoder, OddflowError, type ScoredRows, type ValueEncoder } from "@oddflow/preprocessing";
import { addCounts } from "../add-counts.ts";
import type { FlowContext, PipeEncoding, PipeFlows, PipeReader } from "./pipe-reader.ts";
import { PlainRow } from "./plain-row.ts";

const RETURN = 13;

/** Reads rows of CSV, or a log of Zeek's. */
export class RowFlows implements PipeReader {
  readonly #source: string;
  #encoding: PipeEncoding;
  #names: readonly string[] = [];
  #encoders: readonly ValueEncoder[] = [];
  readonly #rows: FlowRows;
  #framer = new LineFramer();
  /** What was left out by others. */
  readonly #othersLeftOut = new Map<string, number>();
  #formHead: RowHead | undefined;
  #form = "";
  #plainHead: RowHead | undefined;
  #plain: CellEncoder | undefined;
  readonly #writer: ScoredRowsWriter;
  #head: RowHead | undefined;
  /** Where each of the model's own columns is among the cells, and each of those that context is counted from. */
  #cells: readonly number[] = [];
  #contextCells: readonly number[] = [];
  /** The values of the latter, of one row. */
  #context: unknown[] = [];
  #contextReader: SoughtCells | undefined;
  #read: readonly FlowRow[] = [];
  #flows = new Float32Array();

  /** @param source what is read, as messages name it */
  constructor(encoding: PipeEncoding, kept: KeptFields, source: string) {
    this.#source = source;
    this.#rows = new FlowRows(({ problem }) => this.#unreadable(problem));
    this.#encoding = encoding;
    this.#code();
    this.#writer = new ScoredRowsWriter(kept);
  }

  get takenFor(): string | undefined {
    const { layout } = this.#rows;
    if (layout === undefined) return undefined;
    return layout.sensor?.title ?? (layout.form === "zeek" ? "a Zeek log" : "CSV");
  }

  get leftOut(): ReadonlyMap<string, number> {
    const all = new Map(this.#rows.leftOut);
    addCounts(all, this.#othersLeftOut);
    return all;
  }

  get readsLines(): boolean {
    return true;
  }

  get lineForm(): string | undefined {
    const head = this.#framer.hasRest ? undefined : this.#rows.nextHead;
    if (head === undefined) return undefined;
    if (head !== this.#formHead) {
      this.#formHead = head;
      this.#form = formOf(head);
    }
    return this.#form;
  }

  get lines(): number {
    return this.#framer.number;
  }

  passOver(lines: number, leftOut: ReadonlyMap<string, number>): void {
    this.#framer.passOver(lines);
    this.#rows.skipLines(lines);
    addCounts(this.#othersLeftOut, leftOut);
  }

  read(piece: Uint8Array | undefined): PipeFlows {
    const framer = this.#framer;
    const width = this.#encoding.columns.length;
    const flows: FlowRow[] = [];
    let problem: OddflowError | undefined;
    if (piece === undefined) framer.close();
    else framer.feed(piece);
    try {
      for (let step = framer.next(); step !== "wait"; step = framer.next()) {
        if (step !== "record") {
          const problem = `line ${framer.number} is longer than ${LONGEST_LINE} bytes; expected one flow a line`;
          throw this.#unreadable(problem);
        }
        this.#makeRoom(flows.length + 1, width);
        if (!this.#encodePlain(flows)) this.#encodeText(flows, piece === undefined && framer.isLast);
      }
      if (piece === undefined) this.#take(this.#rows.end(), flows);
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

  encodeBy(encoding: PipeEncoding): void {
    const former = this.#encoding;
    const head = this.#rows.nextHead ?? this.#plainHead ?? this.#head;
    this.#encoding = encoding;
    try {
      if (head !== undefined) this.#takeHead(head, this.lines);
    } catch (thrown) {
      this.#encoding = former;
      throw thrown;
    }
    this.#plainHead = undefined;
    this.#code();
  }

  #code(): void {
    const { columns, ownColumns, context } = this.#encoding;
    this.#names = columns.map(({ name }) => name);
    this.#encoders = ownColumns.map(createValueEncoder);
    this.#context = (context?.inputs ?? []).map(() => undefined);
  }

  beginFile(): void {
    this.#rows.beginFile(this.#framer.hasRest);
    this.#framer = new LineFramer();
  }

  /** Encodes the framer's line from its bytes; false where it has to be read. */
  #encodePlain(flows: FlowRow[]): boolean {
    const head = this.#rows.nextHead;
    if (head === undefined) return false;
    const { ownColumns, columns, context } = this.#encoding;
    if (head !== this.#plainHead) {
      this.#plainHead = head;
      this.#plain = createCellEncoder(ownColumns, head);
      this.#contextReader = context && SoughtCells.of(context.inputs, context.numbers, head, false);
    }
    const { bytes, start, end, isLast } = this.#framer;
    // Of a last line without an end it is not known whether it is whole.
    if (this.#plain === undefined || isLast) return false;
    const place = flows.length * columns.length;
    if (!this.#plain.encodeLine(bytes, start, end, this.#flows, place)) return false;
    this.#rows.skipLines(1);
    const row = new PlainRow(head, bytes, start, end);
    if (context !== undefined) {
      const isRead = this.#contextReader?.read(bytes, start, end, this.#context) === true;
      if (!isRead) this.#readContext(row, this.#framer.number);
      this.#addContext(context, this.#framer.number, place);
    }
    flows.push(row);
    return true;
  }

  #encodeText(flows: FlowRow[], isCut: boolean): void {
    const { bytes, start, end } = this.#framer;
    // Within quotes the \r before the line's end belongs to a cell.
    const text = decodeText(bytes.subarray(start, bytes[end] === RETURN && !isCut ? end + 1 : end));
    this.#take(this.#rows.read(isCut ? text : `${text}\n`), flows);
  }

  #take(rows: readonly FlowRow[], flows: FlowRow[]): void {
    const width = this.#encoding.columns.length;
    this.#makeRoom(flows.length + rows.length, width);
    for (const row of rows) {
      if (row.noFlow !== undefined) continue;
      this.#encode(row, flows.length * width);
      flows.push(row);
    }
  }

  #makeRoom(rows: number, width: number): void {
    if (rows * width <= this.#flows.length) return;
    const longer = new Float32Array(Math.max(64, 2 * rows) * width);
    longer.set(this.#flows);
    this.#flows = longer;
  }

  write(flow: number, scores: ScoredRows): void {
    const row = this.#read[flow] as FlowRow;
    if (row instanceof PlainRow && this.#writer.appendPlain(row, scores, flow)) return;
    this.#writer.append(row, flowScores(scores, flow, this.#names));
  }

  take(): Uint8Array {
    return this.#writer.take();
  }

  #encode(row: FlowRow, first: number): void {
    const { head, cells, line, problem } = row;
    if (problem !== undefined) throw new OddflowError("RECORD_INVALID", `score: ${this.#source}: ${problem}`);
    this.#findColumns(head, line);
    for (const [k, place] of this.#cells.entries()) {
      const cell = cells[place] as string;
      // Made from the same columns, so the encoder exists.
      const code = (this.#encoders[k] as ValueEncoder)(cell);
      if (typeof code !== "number") throw this.#notANumber(line, code.column, cell);
      this.#flows[first + k] = code;
    }
    const { context } = this.#encoding;
    if (context === undefined) return;
    this.#readContext(row, line);
    this.#addContext(context, line, first);
  }

  /** Reads what the context of a row is counted from. */
  #readContext({ head, cells }: FlowRow, line: number): void {
    this.#findColumns(head, line);
    for (const [k, place] of this.#contextCells.entries()) this.#context[k] = cells[place];
  }

  /** Adds the context of the row that was read last. */
  #addContext(context: FlowContext, line: number, first: number): void {
    const { ownColumns } = this.#encoding;
    const problem = context.encodeValues(this.#context, this.#flows, first + ownColumns.length);
    if (problem === undefined) return;
    const { code, column, found, expected } = problem;
    throw new OddflowError(
      code,
      `score: line ${line} of ${this.#source}, column "${column}": ${found} found, ${expected} expected`,
    );
  }

  #findColumns(head: RowHead, line: number): void {
    if (head !== this.#head) this.#takeHead(head, line);
  }

  /** @throws OddflowError COLUMNS_MISSING */
  #takeHead(head: RowHead, line: number): void {
    const { names } = head;
    const { ownColumns, context } = this.#encoding;
    const own = ownColumns.map(({ name }) => name);
    const inputs = context?.inputs ?? [];
    const needed = [...new Set([...own, ...inputs])];
    const missing = needed.filter((name) => !names.includes(name));
    if (missing.length > 0) {
      throw new OddflowError(
        "COLUMNS_MISSING",
        `score: the rows of ${this.#source} from line ${line} on lack ${missing.length} of the model's ` +
          `${needed.length} columns: ${missing.join(", ")} (they have ${names.slice(0, 8).join(", ")}` +
          `${names.length > 8 ? ", ..." : ""}); use a model for these flows`,
      );
    }
    this.#head = head;
    this.#cells = own.map((name) => names.indexOf(name));
    this.#contextCells = inputs.map((name) => names.indexOf(name));
  }

  #notANumber(line: number, column: string, cell: string): OddflowError {
    const shown = cell.length > 60 ? `${cell.slice(0, 57)}...` : cell;
    return new OddflowError(
      "VALUE_NOT_A_NUMBER",
      `score: line ${line} of ${this.#source}, column "${column}": ${JSON.stringify(shown)} found, a number expected`,
    );
  }

  #unreadable(problem: string): OddflowError {
    return new OddflowError("TABLE_UNREADABLE", `score: ${this.#source} cannot be read as CSV: ${problem}`);
  }
}

/** All of a head that rows are read and written by: a Zeek log's lines about itself, its times among them, say nothing more. */
function formOf({ zeek, ...head }: RowHead): string {
  return JSON.stringify({ ...head, zeek: zeek && { ...zeek, lines: [] } });
}

function recordOf({ head, cells }: FlowRow): Record<string, unknown> {
  return Object.fromEntries(head.names.map((name, index) => [name, cells[index]]));
}
