import type { CsvRow } from "../framing/csv-rows.ts";
import { findSensor } from "../sensors/find-sensor.ts";
import type { FlowRow, RowHead } from "./flow-row.ts";
import type { RowLayout } from "./row-layout.ts";
import { type ZeekFields, ZeekHeader } from "./zeek-header.ts";

/** Reads the lines of a Zeek log. */
export class ZeekRows {
  readonly #header = new ZeekHeader();
  #layout: RowLayout | undefined;
  #head: RowHead | undefined;

  /** The first fields' that are named; undefined before. */
  get layout(): RowLayout | undefined {
    return this.#layout;
  }

  /** What holds for the next line, where lines have been read with it. */
  get nextHead(): RowHead | undefined {
    return this.#head !== undefined && this.#head.zeek === this.#header.fields ? this.#head : undefined;
  }

  /** Whether a last line is a flow that was cut short: Zeek ends every line. */
  isCut({ isEnded, text }: CsvRow): boolean {
    return !isEnded && !text.startsWith("#") && this.#header.fields !== undefined;
  }

  /** The flow of a line; undefined for one that is none. */
  read({ text, line }: CsvRow): FlowRow | undefined {
    const header = this.#header;
    if (text === "") return undefined;
    if (text.startsWith("#")) {
      header.read(text);
      if (this.#layout === undefined && header.fields !== undefined)
        this.#layout = zeekLayout(header.fields, line);
      return undefined;
    }
    const { fields } = header;
    if (fields === undefined) {
      const problem = `line ${line} comes before any #fields line; write that before it`;
      return { head: NO_HEAD, cells: [], text, line, problem };
    }
    if (this.#head?.zeek !== fields) {
      const { names, separator: delimiter, hasSpacedCells } = fields;
      this.#head = { names, header: names, delimiter, zeek: fields, rewritten: hasSpacedCells ? "all" : [] };
    }
    const { cells, problem: typeProblem } = header.readLine(text, fields);
    const row = { head: this.#head, cells, text, line };
    const width = fields.names.length;
    if (cells.length === width) {
      return typeProblem === undefined ? row : { ...row, problem: `line ${line}, ${typeProblem}` };
    }
    const problem = `line ${line} has ${cells.length} values, #fields names ${width}; correct or remove it`;
    return { ...row, problem };
  }
}

const NO_HEAD: RowHead = { names: [], header: [], delimiter: "\t", rewritten: "all" };

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
