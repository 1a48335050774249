import type { CategoryCoding, ColumnCoding } from "@oddflow/preprocessing";
import { findWord, hashOf, isWord, type WordTable, wordTable } from "./ascii-words.ts";
import { byteKinds, ENDING, isBlank, isPadded, PLAIN, pastSpace, skipCells } from "./cell-bytes.ts";
import { CellNumberReader, readNumber } from "./cell-number.ts";
import { finiteFloat32 } from "./decimal.ts";
import type { RowHead } from "./flow-row.ts";
import { asciiBytes, isAt } from "./json-bytes.ts";
import { NUMBER_TYPES } from "./zeek-header.ts";

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

const [QUOTE, HASH] = [34, 35];
const [TRUE, FALSE] = [84, 70];
const TRUTHS: ReadonlyMap<string, string> = new Map([
  ["true", "T"],
  ["false", "F"],
]);

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
 * @param takesQuotes whether it takes rows with cells in quotes, too, where these hold neither quotes nor backslashes: who asks for
 * that must know of quotes when it writes such rows again
 * @returns undefined where no row of them is plain, since cells are rewritten
 */
export function createCellEncoder(
  columns: readonly ColumnCoding[],
  head: RowHead,
  takesQuotes = false,
): CellEncoder | undefined {
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
  const hasQuotes = takesQuotes && zeek === undefined;
  const numbers = new CellNumberReader();
  // Where no word for what is missing looks like a number.
  const areNumbersPlain = missing.every((word) => !/^-?\d/.test(String.fromCharCode(...word)));
  const isOther = (bytes: Uint8Array, start: number, end: number): boolean => {
    if (start === end) return true;
    if (zeek !== undefined) return bytes[start] === HASH;
    // Space around a column's name does not count.
    const from = pastSpace(bytes, hasQuotes && bytes[start] === QUOTE ? start + 1 : start, end);
    const after = from + firstName.length;
    return (
      isAt(bytes, end, from, firstName) &&
      (after === end ||
        bytes[after] === delimiter ||
        bytes[after] === QUOTE ||
        isBlank(bytes[after] as number))
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
          at = skipCells(bytes, at, end, plan.cells, kinds, hasQuotes);
          if (at < 0 || (at === end) !== (index === last)) return false;
          at++;
          continue;
        }
        if (areNumbersPlain && (plan.kind === "number" || plan.kind === "number category")) {
          const isNumber = plan.kind === "number";
          const number = numbers.read(bytes, at, end, !isNumber);
          const { after } = numbers;
          if (after >= 0 && (index === last ? after === end : after < end && bytes[after] === delimiter)) {
            const code = isNumber ? finiteFloat32(number) : plan.codes.get(number);
            into[first + plan.column] = code ?? (unseen[plan.column] as number);
            at = after + 1;
            continue;
          }
        }
        const isQuoted = hasQuotes && bytes[at] === QUOTE;
        let from = isQuoted ? at + 1 : at;
        let hash = 0;
        for (at = from; at < end; at++) {
          const byte = bytes[at] as number;
          if (kinds[byte] !== PLAIN && !(isQuoted && byte === delimiter)) break;
          hash = (Math.imul(hash, 31) + byte) | 0;
        }
        let to = at;
        if (isQuoted) {
          if (at === end || bytes[at] !== QUOTE) return false;
          at++;
        }
        // Or something else than the delimiter ends it.
        if ((at === end) !== (index === last) || (at < end && kinds[bytes[at] as number] !== ENDING))
          return false;
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
      return finiteFloat32(number);
    }
  }
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
