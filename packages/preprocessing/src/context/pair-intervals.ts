import type { ArrivedFlows } from "./arrived-flows.ts";
import { KEY_WORDS, type SlotTable } from "./slot-table.ts";

/** Fewer intervals say nothing of their regularity, which is that of chance then. */
const FEWEST_INTERVALS = 3;
const REGULARITY_OF_CHANCE = 1;

const MICROSECONDS_PER_MILLISECOND = 1e3;
const MICROSECONDS_PER_SECOND = 1e6;

/**
 * Where a pair's counters are: sums of its intervals and of their squares, which are doubles, then in words flows in its row, the
 * last one's sequence number, and flows in each window.
 */
export const PAIR = { gaps: 0, squares: 1, inRow: 4, last: 5, flows: 6 } as const;

/** The intervals between the flows of each pair that are in the longest window. */
export class PairIntervals {
  readonly #pairs: SlotTable;
  readonly #flows: ArrivedFlows;

  constructor(pairs: SlotTable, flows: ArrivedFlows) {
    this.#pairs = pairs;
    this.#flows = flows;
  }

  /**
   * Adds the interval from the pair's last flow to the next that is pushed; false for a flow that began before that one: it is none of
   * those that intervals lie between.
   */
  add(pair: number, began: number): boolean {
    const flows = this.#flows;
    const { words, doubles, stride } = this.#pairs;
    const row = pair * stride + KEY_WORDS;
    const inRow = words[row + PAIR.inRow] as number;
    if (inRow > 0) {
      const last = flows.placeOf(words[row + PAIR.last] as number);
      const former = flows.time(last);
      if (began < former) return false;
      const gap = milliseconds(began - former);
      flows.setGap(last, gap);
      doubles[row / 2 + PAIR.gaps] = (doubles[row / 2 + PAIR.gaps] as number) + gap;
      doubles[row / 2 + PAIR.squares] = (doubles[row / 2 + PAIR.squares] as number) + gap * gap;
    }
    words[row + PAIR.inRow] = inRow + 1;
    words[row + PAIR.last] = flows.next;
    return true;
  }

  /** Takes out the interval from a flow that leaves to the pair's next. @param place the flow's, which `add` was true for */
  drop(pair: number, place: number): void {
    const { words, doubles, stride } = this.#pairs;
    const row = pair * stride + KEY_WORDS;
    const inRow = (words[row + PAIR.inRow] as number) - 1;
    words[row + PAIR.inRow] = inRow;
    if (inRow === 0) {
      words[row + PAIR.last] = 0;
      return;
    }
    const gap = this.#flows.gap(place);
    doubles[row / 2 + PAIR.gaps] = (doubles[row / 2 + PAIR.gaps] as number) - gap;
    doubles[row / 2 + PAIR.squares] = (doubles[row / 2 + PAIR.squares] as number) - gap * gap;
  }

  /**
   * Writes the seconds since the pair's last flow and the regularity of its intervals, for a flow that is not added yet.
   * @param began when it counts to have begun, and `now` when the windows end, in microseconds
   * @param longest seconds of the longest window, which stand for no flow within it
   */
  write(pair: number, began: number, now: number, longest: number, into: Float32Array, at: number): void {
    const { words, doubles, stride } = this.#pairs;
    const row = pair * stride + KEY_WORDS;
    const inRow = words[row + PAIR.inRow] as number;
    if (inRow === 0) {
      into[at] = longest;
      into[at + 1] = REGULARITY_OF_CHANCE;
      return;
    }
    const former = this.#flows.time(this.#flows.placeOf(words[row + PAIR.last] as number));
    into[at] = (now - former) / MICROSECONDS_PER_SECOND;
    const gaps = doubles[row / 2 + PAIR.gaps] as number;
    const squares = doubles[row / 2 + PAIR.squares] as number;
    const gap = milliseconds(began - former);
    into[at + 1] =
      began < former
        ? regularity(inRow - 1, gaps, squares)
        : regularity(inRow, gaps + gap, squares + gap * gap);
  }
}

/** The coefficient of variation of intervals, from their number, their sum and that of their squares. */
function regularity(intervals: number, sum: number, squares: number): number {
  if (intervals < FEWEST_INTERVALS) return REGULARITY_OF_CHANCE;
  return sum === 0 ? 0 : Math.sqrt(Math.max(0, intervals * squares - sum * sum)) / sum;
}

/** Of whole milliseconds the squares within a day, and their sums, are whole numbers that a double holds. */
function milliseconds(time: number): number {
  return Math.floor(time / MICROSECONDS_PER_MILLISECOND);
}
