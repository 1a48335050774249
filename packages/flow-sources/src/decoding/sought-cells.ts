import { numberOfText } from "@oddflow/preprocessing";
import { hashOf, isWord } from "./ascii-words.ts";
import { byteKinds, ENDING, isBlank, PLAIN, pastSpace, skipCells } from "./cell-bytes.ts";
import { CellNumberReader } from "./cell-number.ts";
import type { RowHead } from "./flow-row.ts";
import { asciiBytes } from "./json-bytes.ts";
import { MetTexts } from "./met-texts.ts";
import { NUMBER_TYPES } from "./zeek-header.ts";

const QUOTE = 34;

/** Longer cells are no addresses, no times and no numbers. */
const LONGEST_CELL = 256;

/** A cell that is sought. */
interface SoughtCell {
  /** Cells between the sought one before and this one. */
  readonly skipped: number;
  readonly isNumber: boolean;
  /** Whether Zeek's type makes another value of some of its texts. */
  readonly mayBeRewritten: boolean;
  /** Which of the values it is; a name may be sought more than once. */
  readonly places: readonly number[];
}

/** Makes values of some cells of rows of text, without making texts of the others. */
export class SoughtCells {
  readonly #cells: readonly SoughtCell[];
  readonly #delimiter: number;
  readonly #kinds: Uint8Array;
  readonly #missing: readonly Uint8Array[];
  readonly #pads: boolean;
  readonly #takesQuotes: boolean;
  readonly #numbers = new CellNumberReader();
  readonly #texts = new MetTexts();

  private constructor(cells: readonly SoughtCell[], head: RowHead, takesQuotes: boolean) {
    const { delimiter, zeek, padsCells } = head;
    this.#cells = cells;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#kinds = byteKinds(this.#delimiter);
    this.#missing = zeek === undefined ? [] : [zeek.unsetField, zeek.emptyField].map(asciiBytes);
    this.#pads = padsCells === true;
    this.#takesQuotes = takesQuotes && zeek === undefined;
  }

  /**
   * @param sought names of columns
   * @param numbers those whose values are wanted as numbers where they are such
   * @param takesQuotes whether rows with cells in quotes are read, too
   * @returns undefined where cells are rewritten, what is between them is no byte of ASCII, or Zeek's word for what is missing is a number, or
   * a column is not there
   */
  static of(
    sought: readonly string[],
    numbers: ReadonlySet<string>,
    head: RowHead,
    takesQuotes: boolean,
  ): SoughtCells | undefined {
    const { names, rewritten, zeek } = head;
    const isFound = (name: string): boolean =>
      names.includes(name) && rewritten !== "all" && !rewritten.includes(name);
    if (!sought.every(isFound) || !/^[\0-~]$/.test(head.delimiter)) return undefined;
    // A word for what is missing that is a number.
    if ([zeek?.unsetField, zeek?.emptyField].some((word) => /^-?\d/.test(word ?? ""))) return undefined;
    const order = [...new Set(sought.map((name) => names.indexOf(name)))].sort((a, b) => a - b);
    const cells = order.map((place, k): SoughtCell => {
      const name = names[place] as string;
      return {
        skipped: place - (order[k - 1] ?? -1) - 1,
        isNumber: numbers.has(name),
        mayBeRewritten: isRewritten(zeek?.types[place] ?? ""),
        places: sought.flatMap((other, at) => (other === name ? [at] : [])),
      };
    });
    return new SoughtCells(cells, head, takesQuotes);
  }

  /**
   * Writes the values of the row that stands from `start` to `end` of UTF-8 text, without its line's end, into `values`: texts and
   * numbers. What stands behind the last of them is not looked at.
   * @returns whether it did; where not, the row is for `FlowRows` to read
   */
  read(bytes: Uint8Array, start: number, end: number, values: unknown[]): boolean {
    const delimiter = this.#delimiter;
    let at = start;
    for (const { skipped, isNumber, mayBeRewritten, places } of this.#cells) {
      if (skipped > 0) {
        at = skipCells(bytes, at, end, skipped, this.#kinds, this.#takesQuotes) + 1;
        if (at <= 0) return false;
      }
      if (at > end) return false;
      let value: unknown;
      if (isNumber) {
        const number = this.#numbers.read(bytes, at, end, true);
        const { after } = this.#numbers;
        if (after >= 0 && (after === end || bytes[after] === delimiter)) {
          value = number;
          at = after;
        }
      }
      if (value === undefined) {
        const text = this.#text(bytes, at, end, mayBeRewritten);
        if (text === undefined) return false;
        value = text;
        at = this.#after;
      }
      for (let k = 0; k < places.length; k++) values[places[k] as number] = value;
      at++;
    }
    return true;
  }

  /** Where the cell ends that was made a text last. */
  #after = 0;

  #text(bytes: Uint8Array, start: number, end: number, mayBeRewritten: boolean): string | undefined {
    const kinds = this.#kinds;
    const isQuoted = this.#takesQuotes && bytes[start] === QUOTE;
    let from = isQuoted ? start + 1 : start;
    let to = from;
    for (; to < end; to++) {
      const byte = bytes[to] as number;
      if (kinds[byte] !== PLAIN && !(isQuoted && byte === this.#delimiter)) break;
    }
    this.#after = isQuoted ? to + 1 : to;
    if (isQuoted && (to === end || bytes[to] !== QUOTE)) return undefined;
    if (this.#after < end && kinds[bytes[this.#after] as number] !== ENDING) return undefined;
    if (this.#pads) {
      from = pastSpace(bytes, from, to);
      while (to > from && isBlank(bytes[to - 1] as number)) to--;
    }
    if (to - from > LONGEST_CELL) return undefined;
    for (const word of this.#missing) if (isWord(bytes, from, to, word)) return "";
    const text = this.#texts.text(bytes, from, to, hashOf(bytes, from, to));
    // A truth, or a number that is none, is another value, or is refused.
    return mayBeRewritten && !Number.isFinite(numberOfText(text) ?? Number.NaN) ? undefined : text;
  }
}

/** Whether values of a type of Zeek's are not what is written. */
function isRewritten(type: string): boolean {
  return type === "bool" || NUMBER_TYPES.has(type);
}
