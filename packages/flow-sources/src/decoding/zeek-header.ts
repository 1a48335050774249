import { numberOfText } from "@oddflow/preprocessing";
import { decodeText } from "./decode-text.ts";

/** What a log that Zeek writes as tab-separated values begins with. */
const FIRST_LINE = /^#(separator|set_separator|empty_field|unset_field|path|open|fields)[ \t]/;

/** Whether a text that begins so is a log that Zeek wrote as values with a separator between them. */
export function isZeekLog(start: string): boolean {
  return FIRST_LINE.test(start.replace(/^\s+/, ""));
}

/** Zeek's types of numbers; times are seconds since 1970. */
export const NUMBER_TYPES: ReadonlySet<string> = new Set([
  "time",
  "interval",
  "double",
  "count",
  "int",
  "port",
]);

/** How the values of a column are read. */
type Kind = "number" | "bool" | "text";

/** How the lines of a Zeek log are to be read, until it says otherwise. */
export interface ZeekFields {
  readonly names: readonly string[];
  /** A type each, such as `count` or `set[string]`; fewer where the log names none. */
  readonly types: readonly string[];
  readonly separator: string;
  /** Between the members of a set. */
  readonly setSeparator: string;
  readonly emptyField: string;
  readonly unsetField: string;
  /** The lines that say so, but #fields and #types: as they are written. */
  readonly lines: readonly string[];
  /** Whether the last cells are parted by spaces: IoT-23's labels were put behind finished logs so. */
  readonly hasSpacedCells: boolean;
}

/** What stands between IoT-23's labels. */
const SPACED = "   ";

/**
 * What the lines that begin with # say of those that follow; Zeek's own choices until they do. Several logs behind one another,
 * and one that goes on over a change of its fields, say it again.
 * Source: Zeek, src/logging/writers/ascii/Ascii.cc.
 */
export class ZeekHeader {
  #separator = "\t";
  /** Lines by their first word. */
  readonly #said = new Map<string, string>();
  #fields: ZeekFields | undefined;
  #isNew = true;
  #kinds: { readonly fields: ZeekFields; readonly kinds: readonly Kind[] } | undefined;

  /** Takes a line that begins with #. */
  read(line: string): void {
    // The separator's own line is the one that does not use it.
    if (line.startsWith("#separator ")) this.#separator = unescapeText(line.slice("#separator ".length));
    const [key = ""] = line.split(line.startsWith("#separator ") ? " " : this.#separator, 1);
    if (key === "#close") return;
    this.#said.set(key, line);
    this.#isNew = true;
  }

  /** What holds for the next line: the same object as before where nothing that matters has changed; undefined before #fields. */
  get fields(): ZeekFields | undefined {
    if (!this.#isNew || !this.#said.has("#fields")) return this.#fields;
    this.#isNew = false;
    const now = this.#readFields();
    if (this.#fields === undefined || !areAlike(this.#fields, now)) this.#fields = now;
    return this.#fields;
  }

  /**
   * The values of a line, as Zeek's own JSON has them: true and false, nothing for what is unset or empty, letters for what is
   * escaped. A set stays one text. And what is wrong with the first value that is not of its type, in words.
   */
  readLine(line: string, fields: ZeekFields): { readonly cells: string[]; readonly problem?: string } {
    const { emptyField, unsetField } = fields;
    const kinds = this.#kindsOf(fields);
    const cells = zeekCells(line, fields);
    let wrong = -1;
    let written = "";
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i] as string;
      const kind = kinds[i];
      if (cell === unsetField || cell === emptyField) cells[i] = "";
      else if (kind === "number") {
        const value = cell === "" ? undefined : numberOfText(cell);
        if (value === undefined && wrong === -1) [wrong, written] = [i, cell];
        if (Number.isNaN(value)) cells[i] = "";
      } else if (kind === "bool") {
        if (cell === "T") cells[i] = "true";
        else if (cell === "F") cells[i] = "false";
        else if (wrong === -1) [wrong, written] = [i, cell];
      } else if (cell.includes("\\x")) cells[i] = unescapeText(cell);
    }
    if (wrong === -1) return { cells };
    const shown = JSON.stringify(written.slice(0, 60));
    const problem = `${fields.names[wrong]}: ${shown} found, ${fields.types[wrong]} expected; correct or remove it`;
    return { cells, problem };
  }

  #kindsOf(fields: ZeekFields): readonly Kind[] {
    if (this.#kinds?.fields !== fields) {
      const kinds = fields.types.map((type) =>
        NUMBER_TYPES.has(type) ? "number" : type === "bool" ? "bool" : "text",
      );
      this.#kinds = { fields, kinds };
    }
    return this.#kinds.kinds;
  }

  #readFields(): ZeekFields {
    const values = (key: string): readonly string[] =>
      this.#said.get(key)?.split(this.#separator).slice(1) ?? [];
    const value = (key: string, usual: string): string => unescapeText(values(key)[0] ?? usual);
    const names = values("#fields").map(unescapeText);
    const hasSpacedCells = names.at(-1)?.includes(SPACED) === true;
    const split = (list: readonly string[]): readonly string[] =>
      hasSpacedCells ? list.flatMap((value) => value.split(SPACED)) : list;
    return {
      names: split(names),
      types: split(values("#types")),
      separator: this.#separator,
      setSeparator: value("#set_separator", ","),
      emptyField: value("#empty_field", "(empty)"),
      unsetField: value("#unset_field", "-"),
      lines: [...this.#said].filter(([key]) => key !== "#fields" && key !== "#types").map(([, line]) => line),
      hasSpacedCells,
    };
  }
}

/** The values of one line, as `ZeekHeader.readLine` gives them. */
export function readZeekCells(line: string, fields: ZeekFields): readonly string[] {
  return new ZeekHeader().readLine(line, fields).cells;
}

/** The values of a line as they are written. */
export function zeekCells(line: string, { separator, hasSpacedCells }: ZeekFields): string[] {
  const cells = line.split(separator);
  if (hasSpacedCells) cells.push(...(cells.pop() ?? "").split(SPACED));
  return cells;
}

function areAlike(some: ZeekFields, others: ZeekFields): boolean {
  const { lines: _, ...rest } = some;
  const { lines: __, ...otherRest } = others;
  return JSON.stringify(rest) === JSON.stringify(otherRest);
}

/** `\x09` is a tab: Zeek writes bytes that would be taken for something else by their number, those of UTF-8 among them. */
function unescapeText(text: string): string {
  if (!text.includes("\\x")) return text;
  return text.replace(/(?:\\x[0-9a-fA-F]{2})+/g, (escapes) => {
    const bytes = Uint8Array.from(escapes.match(/[0-9a-fA-F]{2}/g) ?? [], (hex) => Number.parseInt(hex, 16));
    return decodeText(bytes);
  });
}
