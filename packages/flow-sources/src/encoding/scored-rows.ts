import { SCORE_COLUMN, SCORE_COLUMNS, type ScoredRows } from "@oddflow/preprocessing";
import type { FlowRow, RowHead } from "../decoding/flow-row.ts";
import { zeekCells } from "../decoding/zeek-header.ts";
import { type FlowScores, jsonNumber } from "./flow-scores.ts";
import type { KeptFields } from "./scored-json.ts";
import { WrittenBytes } from "./written-bytes.ts";

/** Zeek's types of what is added. */
const ZEEK_TYPES: Readonly<Record<string, string>> = {
  [SCORE_COLUMN.score]: "double",
  [SCORE_COLUMN.isAnomaly]: "bool",
  [SCORE_COLUMN.rarity]: "double",
  [SCORE_COLUMN.topColumns]: "vector[string]",
  [SCORE_COLUMN.reasons]: "string",
  [SCORE_COLUMN.rule]: "string",
  [SCORE_COLUMN.ruleVerdict]: "string",
};

/** What is added where nobody asks for more. */
const PLAIN_COLUMNS = [SCORE_COLUMN.score, SCORE_COLUMN.isAnomaly, SCORE_COLUMN.rarity];
const PLAIN_RULED_COLUMNS = [...PLAIN_COLUMNS, SCORE_COLUMN.rule, SCORE_COLUMN.ruleVerdict];

/** A delimiter that stands in no number and no truth. */
const IS_BETWEEN = /^[\t ,;|:]$/;

const LINE_FEED = 10;

/** A row in its bytes. */
interface PlainRow {
  readonly head: RowHead;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** What is kept of rows with one head. */
export interface KeptCells {
  readonly head: RowHead;
  /** Of the cells that stay; undefined where rows are copied whole. */
  readonly places: readonly number[] | undefined;
}

/**
 * Rows of CSV or of a Zeek log with what was found behind them, in the form that they came in: the same delimiter, and for Zeek
 * its lines that begin with #, with the new fields and their types. What stays is copied as it was written. Columns of an
 * earlier scoring go.
 */
export class ScoredRowsWriter {
  readonly #keeps: (name: string) => boolean;
  #kept: KeptCells | undefined;
  /** The lines of the header that holds for what was written last. */
  #header: string | undefined;
  readonly #written = new WrittenBytes();

  constructor(kept: KeptFields) {
    const scores = new Set(SCORE_COLUMNS);
    const stays = (name: string): boolean => !scores.has(name.toLowerCase());
    if (kept === "all") this.#keeps = stays;
    else if (kept === "none") this.#keeps = () => false;
    else if ("except" in kept) this.#keeps = (name) => stays(name) && !kept.except.includes(name);
    else this.#keeps = (name) => stays(name) && kept.only.includes(name);
  }

  append(row: FlowRow, scores: FlowScores): void {
    const { head } = row;
    const kept = this.#keptOf(head, Object.keys(scores));
    const added = Object.values(addedCells(head, scores));
    const cells = keptText(row, kept.places);
    this.#written.putText(`${[...(cells === undefined ? [] : [cells]), ...added].join(head.delimiter)}\n`);
  }

  /**
   * Appends a row that stands from `start` to `end` of its bytes, ASCII without quotes and with a cell for each name.
   * @returns whether it did; where not, the row is for `append`
   */
  appendPlain({ head, bytes, start, end }: PlainRow, rows: ScoredRows, row: number): boolean {
    if (rows.top !== undefined || rows.reasons !== undefined || !IS_BETWEEN.test(head.delimiter))
      return false;
    const { places } = this.#keptOf(head, rows.rulings === undefined ? PLAIN_COLUMNS : PLAIN_RULED_COLUMNS);
    if (places !== undefined || head.zeek?.hasSpacedCells === true) return false;
    const written = this.#written;
    const delimiter = head.delimiter.charCodeAt(0);
    const [no, yes] = head.zeek === undefined ? ["false", "true"] : ["F", "T"];
    const unset = head.zeek?.unsetField ?? "";
    written.copy(bytes, start, end);
    written.putByte(delimiter);
    written.putAscii(cellText(rows.score[row] as number));
    written.putByte(delimiter);
    written.putAscii(rows.isAnomaly[row] === 1 ? yes : no);
    written.putByte(delimiter);
    written.putAscii(cellText(rows.rarity[row] as number));
    if (rows.rulings !== undefined) {
      const { rule, verdict } = rows.rulings[row] ?? { rule: unset, verdict: unset };
      for (const cell of [rule, verdict]) {
        written.putByte(delimiter);
        written.putAscii(cell);
      }
    }
    written.putByte(LINE_FEED);
    return true;
  }

  /** The bytes since this was called last; they hold until the next row is appended. */
  take(): Uint8Array {
    return this.#written.take();
  }

  /** What stays of rows with a head, before the first of which its header is written. */
  #keptOf(head: RowHead, added: readonly string[]): KeptCells {
    if (this.#kept?.head === head) return this.#kept;
    const places = head.names.flatMap((name, index) => (this.#keeps(name) ? [index] : []));
    this.#kept = { head, places: places.length === head.names.length ? undefined : places };
    const header = headerText(this.#kept, added);
    if (header !== this.#header) this.#written.putText(header);
    this.#header = header;
    return this.#kept;
  }
}

function cellText(value: number): string {
  return Number.isFinite(value) ? jsonNumber(value) : String(value);
}

/** The cells of a row that stay, as they are written; undefined where none does. */
function keptText({ head, cells, text }: FlowRow, places: readonly number[] | undefined): string | undefined {
  const { delimiter, zeek } = head;
  if (zeek !== undefined) {
    if (places === undefined && !zeek.hasSpacedCells) return text;
    const written = zeekCells(text, zeek);
    const some = places === undefined ? written : places.map((place) => written[place]);
    return some.length === 0 ? undefined : some.join(delimiter);
  }
  // A row may have empty cells behind its last column: what is added would stand behind these.
  if (places === undefined && text.split(delimiter).length === cells.length && !text.includes('"'))
    return text;
  const some = places === undefined ? cells : places.map((place) => cells[place] as string);
  return some.length === 0 ? undefined : some.map((cell) => quoted(cell, delimiter)).join(delimiter);
}

/** The lines that stand before rows that stay whole. @param added names of what is behind each row */
export function scoredRowsHeader(head: RowHead, added: readonly string[]): string {
  return headerText({ head, places: undefined }, added);
}

/** The lines that stand before rows of which some cells stay. @param added names of what is behind each */
export function headerText(kept: KeptCells, added: readonly string[]): string {
  return kept.head.zeek === undefined ? csvHeader(kept, added) : zeekHeader(kept, added);
}

function csvHeader({ head, places }: KeptCells, added: readonly string[]): string {
  const { header, delimiter } = head;
  const kept = places === undefined ? header : places.map((place) => header[place] as string);
  return `${[...kept, ...added].map((name) => quoted(name, delimiter)).join(delimiter)}\n`;
}

function zeekHeader({ head, places }: KeptCells, added: readonly string[]): string {
  const { names, delimiter, zeek } = head;
  const { lines = [], types = [] } = zeek ?? {};
  const at = (list: readonly string[]): readonly string[] =>
    (places ?? [...list.keys()]).map((place) => list[place] ?? "string");
  const fields = ["#fields", ...at(names), ...added].join(delimiter);
  const kinds = ["#types", ...at(types), ...added.map((name) => ZEEK_TYPES[name] ?? "string")].join(
    delimiter,
  );
  return `${[...lines, fields, ...(types.length > 0 ? [kinds] : [])].join("\n")}\n`;
}

/** What is added, as cells of the row's form. */
function addedCells({ delimiter, zeek }: RowHead, scores: FlowScores): Readonly<Record<string, string>> {
  const entries = Object.entries(scores).map(([name, value]): [string, string] => {
    if (zeek !== undefined) return [name, zeekCell(value, delimiter, zeek.setSeparator, zeek.unsetField)];
    const text =
      Array.isArray(value) && name === SCORE_COLUMN.topColumns ? value.join(", ") : plainText(value);
    return [name, quoted(text, delimiter)];
  });
  return Object.fromEntries(entries);
}

function plainText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function zeekCell(value: unknown, separator: string, setSeparator: string, unsetField: string): string {
  if (typeof value === "boolean") return value ? "T" : "F";
  const isSet = Array.isArray(value) && value.every((member) => typeof member === "string");
  const text = isSet ? value.join(setSeparator) : plainText(value);
  if (text === "") return unsetField;
  return text.replaceAll(separator, (found) =>
    [...found].map((letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}`).join(""),
  );
}

/** A cell of CSV, in quotes where it needs them. */
export function quoted(cell: string, delimiter: string): string {
  return /["\r\n]/.test(cell) || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
