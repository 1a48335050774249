import { type CsvFault, type CsvRow, CsvRows } from "../framing/csv-rows.ts";
import { LONGEST_LINE } from "../framing/lines.ts";
import { eventWords, isFlowEvent } from "../sensors/event-rule.ts";
import type { Sensor } from "../sensors/sensor.ts";
import { findDelimiter, fitCells, isHeader, widthProblem } from "./csv-header.ts";
import { isoTime } from "./day-first.ts";
import type { FlowRow, RowHead } from "./flow-row.ts";
import { csvLayout, type RowLayout } from "./row-layout.ts";
import { isZeekLog } from "./zeek-header.ts";
import { ZeekRows } from "./zeek-rows.ts";

/** How a text of flows is read, where that is not left to its first lines. */
export interface FlowRowsOptions {
  /** What stands between cells; told by the first line, where it is absent. */
  readonly delimiter?: string;
  /** The sensor that wrote the text, where somebody says so. */
  readonly sensor?: Sensor;
  /** Letters that a row may have. */
  readonly longest?: number;
}

/** What is said of a line that was cut short, or is being written. */
export const CUT_LINES = "last lines without an end";

/** A number with a comma for its point. */
const DECIMAL_COMMA = /^([+-]?\d+),(\d+)$/;

/**
 * Reads tables of text, a piece at a time: CSV of any delimiter and logs of Zeek's. The first line tells which, and whose output
 * it is. What is no flow is counted and not given: a header that stands again, where files were joined; a summary at the end. What
 * a sensor reports of itself is given as that.
 */
export class FlowRows {
  readonly #options: FlowRowsOptions;
  readonly #fail: (fault: CsvFault) => Error;
  /** Before the first line is whole. */
  #start = "";
  #csv: CsvRows | undefined;
  #zeek: ZeekRows | undefined;
  #layout: RowLayout | undefined;
  #head: RowHead | undefined;
  /** The header's cells, by which it is known when it stands again. */
  #header: readonly string[] | undefined;
  /** Places of times with the day before the month. */
  #dayFirst: readonly number[] = [];
  /** Whether the next row is the first of a file. */
  #isAtStart = true;
  #isInSummary = false;
  readonly #leftOut = new Map<string, number>();

  /** @param fail makes what is thrown for text that cannot be read, once the rows before it have been given */
  constructor(fail: (fault: CsvFault) => Error, options: FlowRowsOptions = {}) {
    this.#fail = fail;
    this.#options = options;
  }

  /** Undefined until the first row, or Zeek's names of the fields, have come. */
  get layout(): RowLayout | undefined {
    return this.#zeek === undefined ? this.#layout : this.#zeek.layout;
  }

  /** What was left out so far, in words, and how often. */
  get leftOut(): ReadonlyMap<string, number> {
    return this.#leftOut;
  }

  /** The flows that are whole with this piece of text. */
  read(piece: string): FlowRow[] {
    if (this.#csv !== undefined) return this.#takeAll(this.#csv.read(piece));
    this.#start += piece;
    const { longest = LONGEST_LINE } = this.#options;
    if (!/[^\r\n][\r\n]/.test(this.#start) && this.#start.length <= longest) return [];
    return this.#begin(false);
  }

  /** The last flows; where no line's end stands behind the last, it is one all the same. */
  end(): FlowRow[] {
    if (this.#csv !== undefined) return this.#takeAll(this.#csv.end());
    return [...this.#begin(true), ...this.#takeAll((this.#csv as CsvRows | undefined)?.end() ?? [])];
  }

  /**
   * Says that what comes next is another file: it may have a header of its own, and goes on with the columns of the one before
   * where it has none. What has begun and has not ended is left out.
   * @param isCut whether somebody knows of more that has begun
   */
  beginFile(isCut: boolean): void {
    if (isCut || /[^\r\n]/.test(this.#start) || this.#csv?.isBetweenRows === false) this.#leaveOut(CUT_LINES);
    this.#start = "";
    this.#csv = undefined;
    this.#isAtStart = true;
    this.#isInSummary = false;
  }

  #begin(isEnd: boolean): FlowRow[] {
    const start = this.#start;
    this.#start = "";
    const { longest = LONGEST_LINE, delimiter } = this.#options;
    const firstLine = /[^\r\n]+/.exec(start)?.[0] ?? "";
    if (firstLine === "" && !isEnd) {
      this.#start = start;
      return [];
    }
    if (isZeekLog(firstLine)) this.#zeek ??= new ZeekRows();
    // Zeek knows no quotes, and its lines are cut into cells when their separator is known.
    const cut = this.#zeek === undefined ? (delimiter ?? this.#delimiterOf(firstLine)) : undefined;
    this.#csv = new CsvRows(cut, this.#fail, longest);
    return this.#takeAll(this.#csv.read(start));
  }

  /** In a further file without a header the delimiter is that of the files before. */
  #delimiterOf(firstLine: string): string {
    const known = this.#layout?.delimiter;
    return known !== undefined && !isHeader(firstLine.split(known)) ? known : findDelimiter(firstLine);
  }

  #takeAll(rows: readonly CsvRow[]): FlowRow[] {
    const flows: FlowRow[] = [];
    for (const row of rows) {
      const flow = this.#zeek === undefined ? this.#take(row) : this.#takeZeek(this.#zeek, row);
      if (flow !== undefined) flows.push(flow);
    }
    return flows;
  }

  #takeZeek(zeek: ZeekRows, row: CsvRow): FlowRow | undefined {
    return zeek.isCut(row) ? this.#leaveOut(CUT_LINES) : zeek.read(row);
  }

  #take(row: CsvRow): FlowRow | undefined {
    if (this.#isAtStart) {
      this.#isAtStart = false;
      if (this.#startFile(row)) return undefined;
    }
    // Both are there since the first row.
    const { names, sensor } = this.#layout as RowLayout;
    const head = this.#head as RowHead;
    const { text, line } = row;
    if (this.#isHeader(row.cells)) {
      this.#isInSummary = false;
      return this.#leaveOut("header lines that stand again");
    }
    if (sensor?.summary !== undefined && row.cells.length === 1 && row.cells[0] === sensor.summary)
      this.#isInSummary = true;
    if (this.#isInSummary) return this.#leaveOut("lines of a summary");
    const fitted = fitCells(row.cells, names.length);
    if (fitted === undefined) {
      return { head, cells: row.cells, text, line, problem: widthProblem(row, names.length) };
    }
    const cells = this.#readCells(fitted);
    if (head.event !== undefined) {
      const { rule, place } = head.event;
      const value = cells[place] as string;
      if (!isFlowEvent(rule, value)) {
        const noFlow = eventWords(rule, value);
        this.#leaveOut(noFlow);
        return { head, cells, text, line, noFlow };
      }
    }
    return { head, cells, text, line };
  }

  /** Takes the first row of a file; gives whether it names the columns. */
  #startFile(row: CsvRow): boolean {
    if (this.#layout !== undefined) {
      if (this.#isHeader(row.cells)) return true;
      if (!isHeader(row.cells)) return false;
    }
    this.#layout = this.#open(row);
    this.#head = headOf(this.#layout);
    return this.#layout.hasHeader;
  }

  #open({ cells, line }: CsvRow): RowLayout {
    if (cells.some((cell) => cell.includes("\0"))) {
      throw this.#fail({
        line,
        kind: "no text",
        problem: cells[0]?.startsWith("PAR1")
          ? "it is Parquet, which cannot be read from its beginning on; name it as a file"
          : `line ${line} holds a NUL byte; save the file as UTF-8 text`,
      });
    }
    const { sensor: wanted, delimiter } = this.#options;
    const found = delimiter ?? (this.#csv as CsvRows).delimiter ?? ",";
    const layout = csvLayout(cells, found, line, wanted);
    this.#header = layout.hasHeader ? trimmed(cells) : undefined;
    this.#dayFirst = (layout.sensor?.dayFirst ?? [])
      .map((name) => layout.names.indexOf(name))
      .filter((place) => place >= 0);
    return layout;
  }

  #isHeader(cells: readonly string[]): boolean {
    const header = this.#header;
    if (header === undefined || cells.length !== header.length) return false;
    return cells.every((cell, index) => cell.trim() === header[index]);
  }

  /**
   * The cells, without a sensor's padding, with times in one form, and with a point in numbers where a semicolon stands between
   * cells.
   */
  #readCells(cells: readonly string[]): readonly string[] {
    const { sensor, delimiter } = this.#layout as RowLayout;
    if (sensor?.padsCells === true) return trimmed(cells);
    if (this.#dayFirst.length > 0) {
      return cells.map((cell, index) => (this.#dayFirst.includes(index) ? isoTime(cell) : cell));
    }
    return delimiter === ";" ? cells.map((cell) => cell.replace(DECIMAL_COMMA, "$1.$2")) : cells;
  }

  /** What holds for the next row, if that is known and nothing of a row has been read: then a whole row may be passed over. */
  get nextHead(): RowHead | undefined {
    if (this.#isInSummary || this.#csv?.isBetweenRows !== true) return undefined;
    if (this.#zeek !== undefined) return this.#zeek.nextHead;
    return this.#isAtStart ? undefined : this.#head;
  }

  /** Passes over rows, a line of text each, that somebody else has read. */
  skipLines(count: number): void {
    this.#csv?.skipLines(count);
  }

  #leaveOut(what: string): undefined {
    this.#leftOut.set(what, (this.#leftOut.get(what) ?? 0) + 1);
    return undefined;
  }
}

function trimmed(cells: readonly string[]): readonly string[] {
  return cells.map((cell) => cell.trim());
}

function headOf({ names, header, delimiter, sensor }: RowLayout): RowHead {
  const rule = sensor?.events;
  const place = rule === undefined ? -1 : names.indexOf(rule.field);
  return {
    names,
    header,
    delimiter,
    rewritten: delimiter === ";" ? "all" : (sensor?.dayFirst ?? []),
    padsCells: sensor?.padsCells === true,
    ...(rule !== undefined && place >= 0 ? { event: { rule, place } } : {}),
  };
}
