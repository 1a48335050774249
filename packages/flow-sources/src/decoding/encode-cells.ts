import type { CategoryCoding, ColumnCoding } from "@oddflow/preprocessing";
import { findWord, hashOf, isWord, type WordTable, wordTable } from "./ascii-words.ts";
import { readNumber } from "./cell-number.ts";
import type { RowHead } from "./flow-row.ts";
import { asciiBytes, isAt } from "./json-bytes.ts";

/**
 * Encodes rows of text from their bytes, without making texts of the cells: a fifth of the time of `FlowRows` and `encode`.
 * It takes the rows that there usually are; whatever may mean something else it leaves to these, so that all rows mean the
 * same both ways.
 */
export interface CellEncoder {
  /**
   * Encodes the row that stands from `start` to `end` of UTF-8 text, without its line's end, into `into` from `first` on.
   * @returns whether it did; where not, the row is for `FlowRows` to read
   */
  encodeLine(bytes: Uint8Array, start: number, end: number, into: Float32Array, first: number): boolean;
}

const [QUOTE, HASH, RETURN, SPACE, BACKSLASH] = [34, 35, 13, 32, 92];
const [TRUE, FALSE] = [84, 70];
const TRUTHS: ReadonlyMap<string, string> = new Map([
  ["true", "T"],
  ["false", "F"],
]);

/** Zeek's types of numbers: a value that is none is refused, whether or not a model needs it. */
const NUMBER_TYPES: ReadonlySet<string> = new Set(["time", "interval", "double", "count", "int", "port"]);

/**
 * What a cell is read as. "checked" ones are no column's, but of a type that they may fail to be of; "read" is one that says whether
 * the row is a flow. Cells that are nobody's are skipped together.
 */
type CellPlan =
  | { readonly kind: "skipped"; readonly cells: number }
  | { readonly kind: "checked number" | "checked truth" | "read" }
  | { readonly kind: "number"; readonly column: number }
  | { readonly kind: "number category"; readonly column: number; readonly codes: ReadonlyMap<number, number> }
  | { readonly kind: "text category" | "truth category"; readonly column: number; readonly codes: WordTable };

/**
 * Makes an encoder for rows with one head.
 * @returns undefined where no row of them is plain, since cells are rewritten
 */
export function createCellEncoder(columns: readonly ColumnCoding[], head: RowHead): CellEncoder | undefined {
  const { names, header, zeek } = head;
  const isRewritten = ({ name }: ColumnCoding): boolean =>
    !names.includes(name) || head.rewritten === "all" || head.rewritten.includes(name);
  if (columns.some(isRewritten) || !/^[\0-~]$/.test(head.delimiter)) return undefined;
  const { plans, event } = planCells(columns, head);
  const unseen = columns.map((column) => (column.kind === "category" ? column.vocabulary.length : 0));
  const delimiter = head.delimiter.charCodeAt(0);
  const kinds = byteKinds(delimiter);
  const missing = zeek === undefined ? [] : [zeek.unsetField, zeek.emptyField].map(asciiBytes);
  const pads = head.padsCells === true;
  const isFlow = flowCell(head);
  const firstName = asciiBytes(header[0]?.trim() ?? "");
  const isOther = (bytes: Uint8Array, start: number, end: number): boolean => {
    if (start === end) return true;
    if (zeek !== undefined) return bytes[start] === HASH;
    // Space around a column's name does not count.
    const from = pastSpace(bytes, start, end);
    const after = from + firstName.length;
    return (
      isAt(bytes, end, from, firstName) &&
      (after === end || bytes[after] === delimiter || isBlank(bytes[after] as number))
    );
  };
  return {
    encodeLine(bytes, start, end, into, first) {
      // What FlowRows reads: what Zeek says of its fields, a header that stands again.
      if (isOther(bytes, start, end)) return false;
      let at = start;
      const last = plans.length - 1;
      for (let index = 0; index <= last; index++) {
        const plan = plans[index] as CellPlan;
        if (plan.kind === "skipped") {
          at = skipCells(bytes, at, end, plan.cells, kinds);
          if (at < 0 || (at === end) !== (index === last)) return false;
          at++;
          continue;
        }
        let from = at;
        let hash = 0;
        for (; at < end; at++) {
          const byte = bytes[at] as number;
          if (kinds[byte] !== PLAIN) break;
          hash = (Math.imul(hash, 31) + byte) | 0;
        }
        // Or something else than the delimiter ends it.
        if ((at === end) !== (index === last) || (at < end && kinds[bytes[at] as number] === ODD))
          return false;
        let to = at;
        if (pads && isPadded(bytes, from, to)) {
          from = pastSpace(bytes, from, to);
          while (to > from && isBlank(bytes[to - 1] as number)) to--;
          hash = hashOf(bytes, from, to);
        }
        if (index === event && isFlow?.(hash, bytes, from, to) !== true) return false;
        if (plan.kind !== "read") {
          // Of Zeek's types only texts may be empty.
          const isMissing =
            from === to
              ? zeek === undefined || plan.kind === "text category"
              : missing.some((word) => isWord(bytes, from, to, word));
          const code = isMissing ? Number.NaN : codeOf(plan, hash, bytes, from, to, unseen);
          if (code === undefined) return false;
          if ("column" in plan) into[first + plan.column] = code;
        }
        at++;
      }
      return true;
    },
  };
}

/** A cell's code; of one that is no column's a number; undefined where `FlowRows` must read it. */
function codeOf(
  plan: CellPlan,
  hash: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  unseen: readonly number[],
): number | undefined {
  switch (plan.kind) {
    case "truth category":
      if (!isTruth(bytes, from, to)) return undefined;
      return findWord(plan.codes, hash, bytes, from, to) ?? unseen[plan.column];
    case "text category":
      return findWord(plan.codes, hash, bytes, from, to) ?? unseen[plan.column];
    case "number category": {
      const number = readNumber(bytes, from, to, "exact");
      return number === undefined ? undefined : (plan.codes.get(number) ?? unseen[plan.column]);
    }
    case "checked truth":
      return isTruth(bytes, from, to) ? 0 : undefined;
    default: {
      const number = readNumber(bytes, from, to, plan.kind === "number" ? "float32" : "form");
      if (number === undefined) return undefined;
      const rounded = Math.fround(number);
      // A number that float32 cannot hold is missing.
      return Number.isFinite(number) && !Number.isFinite(rounded) ? Number.NaN : rounded;
    }
  }
}

const [PLAIN, ENDING, ODD] = [0, 1, 2];

/** What bytes are in a cell, by their values: plain, the delimiter that ends it, or for `FlowRows` to read. */
function byteKinds(delimiter: number): Uint8Array {
  const kinds = new Uint8Array(256).fill(ODD, 127);
  for (const byte of [QUOTE, BACKSLASH, RETURN]) kinds[byte] = ODD;
  kinds[delimiter] = ENDING;
  return kinds;
}

/** Whether the cell that says what a row is says that it is a flow; undefined where none does. */
function flowCell({
  event,
}: RowHead): ((hash: number, bytes: Uint8Array, from: number, to: number) => boolean) | undefined {
  if (event === undefined) return undefined;
  const { flows, others = [] } = event.rule;
  const words = wordTable(flows ?? others);
  return (hash, bytes, from, to) =>
    (findWord(words, hash, bytes, from, to) !== undefined) === (flows !== undefined);
}

/** Where the last of some cells ends; -1 where there are fewer, or one is for `FlowRows` to read. */
function skipCells(bytes: Uint8Array, start: number, end: number, cells: number, kinds: Uint8Array): number {
  let left = cells;
  for (let at = start; at < end; at++) {
    const kind = kinds[bytes[at] as number];
    if (kind === PLAIN) continue;
    if (kind === ODD) return -1;
    left--;
    if (left === 0) return at;
  }
  return left === 1 ? end : -1;
}

/** The space of ASCII that is no line's end. */
function isBlank(byte: number): boolean {
  return byte === SPACE || byte === 9 || byte === 11 || byte === 12;
}

function pastSpace(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && isBlank(bytes[at] as number)) at++;
  return at;
}

function isPadded(bytes: Uint8Array, from: number, to: number): boolean {
  return to > from && (isBlank(bytes[from] as number) || isBlank(bytes[to - 1] as number));
}

/** @returns the plans, and which of them is the cell's that says whether the row is a flow; -1 for none */
function planCells(
  columns: readonly ColumnCoding[],
  head: RowHead,
): { readonly plans: readonly CellPlan[]; readonly event: number } {
  const plans: CellPlan[] = [];
  let event = -1;
  for (const [place, plan] of planEach(columns, head).entries()) {
    const before = plans.at(-1);
    if (plan.kind === "skipped" && before?.kind === "skipped") {
      plans.splice(-1, 1, { kind: "skipped", cells: before.cells + 1 });
    } else plans.push(plan);
    if (place === head.event?.place) event = plans.length - 1;
  }
  return { plans, event };
}

function planEach(columns: readonly ColumnCoding[], { names, zeek, event }: RowHead): readonly CellPlan[] {
  const places = new Map(columns.map(({ name }, index) => [name, index]));
  return names.map((name, index): CellPlan => {
    const column = places.get(name);
    const type = zeek?.types[index] ?? "";
    if (column === undefined) {
      if (NUMBER_TYPES.has(type)) return { kind: "checked number" };
      if (type === "bool") return { kind: "checked truth" };
      return index === event?.place ? { kind: "read" } : { kind: "skipped", cells: 1 };
    }
    const coding = columns[column] as ColumnCoding;
    if (coding.kind === "number") return { kind: "number", column };
    if (coding.valueType === "text") {
      const kind = type === "bool" ? "truth category" : "text category";
      return { kind, column, codes: wordCodes(coding, type === "bool") };
    }
    return { kind: "number category", column, codes: numberCodes(coding) };
  });
}

/** Whether a cell is one of Zeek's truth values. */
function isTruth(bytes: Uint8Array, from: number, to: number): boolean {
  return to - from === 1 && (bytes[from] === TRUE || bytes[from] === FALSE);
}

/** @param areTruths whether Zeek writes the column's true and false as T and F */
function wordCodes({ vocabulary }: CategoryCoding, areTruths: boolean): WordTable {
  return wordTable(areTruths ? vocabulary.map((word) => TRUTHS.get(word) ?? word) : vocabulary);
}

function numberCodes({ vocabulary }: CategoryCoding): ReadonlyMap<number, number> {
  // What is not in the form of `String(number)` is never found.
  const canonical = [...vocabulary.entries()].filter(([, text]) => String(Number(text)) === text);
  return new Map(canonical.map(([code, text]) => [Number(text), code]));
}
