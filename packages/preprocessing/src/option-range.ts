import { OddflowError } from "./errors.ts";

/** Which numbers an option takes; every number where nothing is said. */
export interface OptionRange {
  /** The least of them. */
  readonly from?: number;
  /** All of them are above this. */
  readonly above?: number;
  /** The greatest of them. */
  readonly to?: number;
  /** All of them are below this. */
  readonly below?: number;
  readonly whole?: true;
}

/** Whether an option takes a number; none takes NaN. */
export function isInRange(value: number, { from, above, to, below, whole }: OptionRange): boolean {
  if (Number.isNaN(value) || (whole && !Number.isInteger(value))) return false;
  const isLow = (from !== undefined && value < from) || (above !== undefined && value <= above);
  const isHigh = (to !== undefined && value > to) || (below !== undefined && value >= below);
  return !isLow && !isHigh;
}

/** "1 to 1000", "above 0": what goes into a table of options. Empty for every number. */
export function limitsText({ from, above, to, below }: OptionRange): string {
  const least = from ?? (above === undefined ? undefined : `above ${above}`);
  const most = to ?? (below === undefined ? undefined : `below ${below}`);
  if (least === undefined) return most === undefined ? "" : to === undefined ? `${most}` : `up to ${most}`;
  if (most === undefined) return from === undefined ? `${least}` : `${least} or more`;
  return from === undefined ? `${least}, up to ${most}` : `${least} to ${most}`;
}

/** "a whole number from 1 to 1000", "a number above 0": the end of a sentence that says what is expected. */
export function rangeText(range: OptionRange): string {
  const { from, to, below, whole } = range;
  const hasMost = to !== undefined || below !== undefined;
  const preposition = from === undefined ? "" : hasMost ? "from " : "of ";
  return `${whole ? "a whole number" : "a number"} ${preposition}${limitsText(range)}`.trimEnd();
}

/**
 * Refuses a value that is out of its option's range, where the option acts.
 * @param option the operation and the option's name: "train: epochs"
 * @throws OddflowError OPTION_RANGE
 */
export function checkRange(option: string, value: number, range: OptionRange): void {
  if (isInRange(value, range)) return;
  throw new OddflowError("OPTION_RANGE", `${option} is ${value}; expected ${rangeText(range)}`);
}
