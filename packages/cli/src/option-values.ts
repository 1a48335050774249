import { OddflowError } from "@oddflow/preprocessing";

/*
 * What yargs' `coerce` takes: an option's value is read and checked once, where it comes in. An option that is given twice
 * comes as a list and a number that is none as NaN, which `runCommand` refuses afterwards.
 */

/** An option of text that stands for something else. `parse` throws OddflowError USAGE. */
export function parsed<T>(parse: (text: string) => T): (value: unknown) => T {
  return (value: unknown): T => (typeof value === "string" ? parse(value) : (value as T));
}

/** A whole number from `least` to `most`, both included; without `most`, any of `least` or more. */
export function wholeNumber(option: string, least: number, most?: number): (value: unknown) => number {
  const range = most === undefined ? `of ${least} or more` : `from ${least} to ${most}`;
  const isGood = (n: number): boolean => Number.isInteger(n) && n >= least && n <= (most ?? Infinity);
  return checked(option, `a whole number ${range}`, isGood);
}

/** A number for which `isGood` holds. `expected` says in words which do. */
function checked(
  option: string,
  expected: string,
  isGood: (value: number) => boolean,
): (value: unknown) => number {
  return (value: unknown): number => {
    if (typeof value === "number" && !Number.isNaN(value) && !isGood(value)) {
      throw new OddflowError("USAGE", `--${option} ${value}: expected ${expected}`);
    }
    return value as number;
  };
}
