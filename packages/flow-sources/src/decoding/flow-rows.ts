import { type CsvFault, type CsvRow, CsvRows } from "../framing/csv-rows.ts";
import { LONGEST_LINE } from "../framing/lines.ts";
import { eventWords, isFlowEvent } from "../sensors/event-rule.ts";
import { findSensor } from "../sensors/find-sensor.ts";
import type { EventRule, Sensor } from "../sensors/sensor.ts";
import { findDelimiter, fitCells, widthProblem } from "./csv-header.ts";
import { isoTime } from "./day-first.ts";
import { csvLayout, type RowLayout } from "./row-layout.ts";
import { isZeekLog, type ZeekFields, ZeekHeader } from "./zeek-header.ts";

/** A flow of a table of text: CSV, or a log of Zeek's. */
export interface FlowRow {
  /** What its cells are called; the same object for all rows, unless a Zeek log changes its fields. */
  readonly head: RowHead;
  /** As many as there are names, unless there is a problem. */
  readonly cells: readonly string[];
  /** The row as it is written, without the end of its line. */
  readonly text: string;
  /** The line on which it begins, from 1. */
  readonly line: number;
  /** Why it is no row, in words, with its line. */
  readonly problem?: string;
  /** What it is, in words, where a sensor reports something else than a flow. Such rows are counted among what is left out. */
  readonly noFlow?: string;
}

/** What the rows of a table have in common. */
export interface RowHead {
  readonly names: readonly string[];
  /** The names as the header writes them. */
  readonly header: readonly string[];
  readonly delimiter: string;
  readonly zeek?: ZeekFields;
  /** The columns whose cells are given otherwise than they are written, or "all" where rows may be no flows, too. */
  readonly rewritten: "all" | readonly string[];
}

export interface FlowRowsOptions {
  /** What stands between cells; told by the first line, where it is absent. */
  readonly delimiter?: string;
  /** The sensor that wrote the text, where somebody says so. */
  readonly sensor?: Sensor;
  /** Letters that a row may have. */
  readonly longest?: number;
}

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
  #zeek: ZeekHeader | undefined;
  #layout: RowLayout | undefined;
  #head: RowHead | undefined;
  /** The header's cells, by which it is known when it stands again. */
  #header: readonly string[] | undefined;
  #events: { readonly rule: EventRule; readonly index: number } | undefined;
  /** Places of times with the day before the month. */
  #dayFirst: readonly number[] = [];
  #isInSummary = false;
  readonly #leftOut = new Map<string, number>();

  /** @param fail makes what is thrown for text that cannot be read, once the rows before it have been given */
  constructor(fail: (fault: CsvFault) => Error, options: FlowRowsOptions = {}) {
    this.#fail = fail;
    this.#options = options;
  }

  /** Undefined until the first row, or Zeek's names of the fields, have come. */
  get layout(): RowLayout | undefined {
    return this.#layout;
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

  /** Zeek ends every line: one without an end is being written, or was cut short. */
  #dropCutLine(zeek: ZeekHeader, rows: readonly CsvRow[]): readonly CsvRow[] {
    const last = rows.at(-1);
    if (last === undefined || last.isEnded || last.text.startsWith("#") || zeek.fields === undefined)
      return rows;
    this.#leaveOut("last lines without an end");
    return rows.slice(0, -1);
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
    if (isZeekLog(firstLine)) {
      this.#zeek = new ZeekHeader();
      // Zeek knows no quotes, and its lines are cut into cells when their separator is known.
      this.#csv = new CsvRows(undefined, this.#fail, longest);
    } else this.#csv = new CsvRows(delimiter ?? findDelimiter(firstLine), this.#fail, longest);
    return this.#takeAll(this.#csv.read(start));
  }

  #takeAll(rows: readonly CsvRow[]): FlowRow[] {
    const flows: FlowRow[] = [];
    const whole = this.#zeek === undefined ? rows : this.#dropCutLine(this.#zeek, rows);
    for (const row of whole) {
      const flow = this.#zeek === undefined ? this.#take(row) : this.#takeZeek(this.#zeek, row);
      if (flow !== undefined) flows.push(flow);
    }
    return flows;
  }

  #takeZeek(zeek: ZeekHeader, { text, line }: CsvRow): FlowRow | undefined {
    if (text === "") return undefined;
    if (text.startsWith("#")) {
      zeek.read(text);
      if (this.#layout === undefined && zeek.fields !== undefined)
        this.#layout = zeekLayout(zeek.fields, line);
      return undefined;
    }
    const { fields } = zeek;
    if (fields === undefined) {
      const problem = `line ${line} comes before any #fields line; write that before it`;
      return {
        head: { names: [], header: [], delimiter: "\t", rewritten: "all" },
        cells: [],
        text,
        line,
        problem,
      };
    }
    if (this.#head?.zeek !== fields) {
      const { names, separator: delimiter, hasSpacedCells } = fields;
      this.#head = { names, header: names, delimiter, zeek: fields, rewritten: hasSpacedCells ? "all" : [] };
    }
    const { cells, problem: typeProblem } = zeek.readLine(text, fields);
    const row = { head: this.#head, cells, text, line };
    const width = fields.names.length;
    if (cells.length === width) {
      return typeProblem === undefined ? row : { ...row, problem: `line ${line}, ${typeProblem}` };
    }
    const problem = `line ${line} has ${cells.length} values, #fields names ${width}; correct or remove it`;
    return { ...row, problem };
  }

  #take(row: CsvRow): FlowRow | undefined {
    if (this.#layout === undefined) {
      this.#layout = this.#open(row);
      if (this.#layout.hasHeader) return undefined;
    }
    const { names, header, sensor, delimiter } = this.#layout;
    this.#head ??= { names, header, delimiter, rewritten: this.#rewritten(this.#layout) };
    const head = this.#head;
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
    if (this.#events !== undefined) {
      const { rule, index } = this.#events;
      const value = cells[index] as string;
      if (!isFlowEvent(rule, value)) {
        const noFlow = eventWords(rule, value);
        this.#leaveOut(noFlow);
        return { head, cells, text, line, noFlow };
      }
    }
    return { head, cells, text, line };
  }

  #open({ cells, line }: CsvRow): RowLayout {
    if (cells.some((cell) => cell.includes("\0"))) {
      throw this.#fail({
        line,
        kind: "no text",
        problem: `line ${line} holds a NUL byte; save the file as UTF-8 text`,
      });
    }
    const { sensor: wanted, delimiter } = this.#options;
    const found = delimiter ?? (this.#csv as CsvRows).delimiter ?? ",";
    const layout = csvLayout(cells, found, line, wanted);
    if (layout.hasHeader) this.#header = trimmed(cells);
    const rule = layout.sensor?.events;
    const index = rule === undefined ? -1 : layout.names.indexOf(rule.field);
    if (rule !== undefined && index >= 0) this.#events = { rule, index };
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

  #rewritten({ sensor, delimiter }: RowLayout): RowHead["rewritten"] {
    if (sensor?.padsCells === true || delimiter === ";" || this.#events !== undefined) return "all";
    return sensor?.dayFirst ?? [];
  }

  /** What holds for the next row, if that is known and nothing of a row has been read: then a whole row may be passed over. */
  get nextHead(): RowHead | undefined {
    if (this.#isInSummary || this.#csv?.isBetweenRows !== true) return undefined;
    return this.#zeek === undefined || this.#head?.zeek === this.#zeek.fields ? this.#head : undefined;
  }

  /** Passes over a row, a line of text, that somebody else has read. */
  skipLine(): void {
    this.#csv?.skipLine();
  }

  #leaveOut(what: string): undefined {
    this.#leftOut.set(what, (this.#leftOut.get(what) ?? 0) + 1);
    return undefined;
  }
}

function zeekLayout({ names, separator }: ZeekFields, firstLine: number): RowLayout {
  const sensor = findSensor(names);
  return {
    form: "zeek",
    delimiter: separator,
    names,
    header: names,
    hasHeader: true,
    firstLine,
    sensor,
    isPlain: false,
  };
}

function trimmed(cells: readonly string[]): readonly string[] {
  return cells.map((cell) => cell.trim());
}
