import type { KindsByLabel, NumberRange, NumberSteps, TextForms } from "./table-values.ts";

/** A column of text is numbers with slips where at most this share of its values is none, or one of twenty or more. */
const MOST_SLIPS = 0.01;
const FEWEST_NUMBERS = 20;

/** Whether a column of text is numbers but for a few slips, which scoring would refuse: so does training. */
export function isNumbersWithSlips({ present, numbers, noNumbers }: TextForms): boolean {
  return noNumbers > 0 && numbers >= FEWEST_NUMBERS && noNumbers <= Math.max(1, MOST_SLIPS * present);
}

/** The share of numbers from which on a column of text may be meant as one of numbers. */
const SOME_NUMBERS = 0.01;

/** Whether so many of a column's texts are numbers that whoever reads why it is left out should know of them. */
export function hasSomeNumbers({ present, numbers }: TextForms): boolean {
  return numbers > 0 && numbers >= SOME_NUMBERS * present;
}

/** In fewer rows a measure may rise by one from row to row. */
const FEWEST_ROWS = 20;

/** The share of the rows in which the value is one more than in the row before; files may be joined, rows left out. */
const RISING = 0.99;

/** The names that a table's index has where it is written without one of its own. */
const INDEX_NAME =
  /^(|unnamed[:_ ]*\d*|index|level_\d+|column0|__index_level_\d+__|row(_?(id|number|num|no))?)$/i;

/**
 * Whether a column of whole numbers counts the rows: "yes" where it is one more in each row than in the row before; "once"
 * where it does if it holds every number once: those from the least to the greatest, or, with an index's name, any.
 */
export function countsRows(
  { risen, present, width }: NumberSteps,
  rows: number,
  name: string,
): "yes" | "once" | "no" {
  if (rows < FEWEST_ROWS) return "no";
  if (risen >= RISING * (rows - 1)) return "yes";
  const mayBe = present === rows && (width === rows || INDEX_NAME.test(name.trim()));
  return mayBe ? "once" : "no";
}

/** A column with more distinct values than this is no second label. */
export const MOST_KINDS = 64;

/** So many flows of each class, and on average of each value, before a column that tells them apart is no accident. */
const FEWEST_OF_CLASS = 20;
const FEWEST_OF_VALUE = 10;

/** Whether there are enough attacks and other flows for a second label to be told from an accident. */
export function hasBothClasses(attacks: number, rows: number): boolean {
  return Math.min(attacks, rows - attacks) >= FEWEST_OF_CLASS;
}

/**
 * Whether a column tells the label exactly: no value is one of attacks and of other flows, missing among them, and there
 * are 10 flows or more for each value.
 */
export function tellsLabel({ all, ofAttacks, ofOthers }: KindsByLabel, rows: number): boolean {
  return all <= Math.min(MOST_KINDS, rows / FEWEST_OF_VALUE) && ofAttacks + ofOthers === all;
}

/** Seconds since 1970 at the beginning of 2001 and of 2034. */
const [EARLIEST, LATEST] = [978_307_200, 2_019_686_400];

/** Fewer values tell nothing. */
const FEWEST_TIMES = 8;

/** Whether numbers are seconds since 1970 throughout, or thousandths, millionths or billionths of them: points in time, no measure. */
export function areTimes({ least, most, distinct }: NumberRange): boolean {
  if (distinct < FEWEST_TIMES) return false;
  return [1, 1e3, 1e6, 1e9].some((units) => least >= EARLIEST * units && most <= LATEST * units);
}
