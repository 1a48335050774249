import { isInRange, OddflowError, type OptionRange, rangeText } from "@oddflow/preprocessing";

/*
 * What yargs' `coerce` takes: an option's value is read and checked once, where it comes in. `runCommand` has refused what
 * is given twice by then, and numbers that are none.
 */

/** An option of text that stands for something else. `parse` throws OddflowError USAGE. */
export function parsed<T>(parse: (text: string) => T): (value: unknown) => T {
  return (value: unknown): T => (typeof value === "string" ? parse(value) : (value as T));
}

/** A number within a range. */
export function numberIn(option: string, range: OptionRange): (value: unknown) => number {
  return (value: unknown): number => {
    if (typeof value === "number" && !isInRange(value, range)) {
      throw new OddflowError("USAGE", `--${option} ${value}: expected ${rangeText(range)}`);
    }
    return value as number;
  };
}

/** Numbers with commas between them, each within a range. */
export function numbersIn(option: string, range: OptionRange): (value: unknown) => number[] {
  return parsed((text) => {
    const cells = text.split(",");
    const values = cells.map(Number);
    if (cells.some((cell) => cell.trim() === "") || !values.every((value) => isInRange(value, range))) {
      throw new OddflowError(
        "USAGE",
        `--${option} ${text}: expected numbers with commas between them, each ${rangeText(range)}`,
      );
    }
    return values;
  });
}

/** Names with commas between them. */
export function namesIn(option: string, what: string): (value: unknown) => string[] {
  return parsed((text) => {
    const names = text.split(",").map((name) => name.trim());
    if (!names.includes("")) return names;
    throw new OddflowError("USAGE", `--${option} ${text}: expected ${what} with commas between them`);
  });
}

/** Texts, each of them something. */
export function patternsIn(option: string): (value: unknown) => string[] {
  return (value: unknown): string[] => {
    if (!Array.isArray(value)) return value as string[];
    const patterns = value.map(String);
    if (patterns.every((pattern) => pattern.trim() !== "")) return patterns;
    throw new OddflowError("USAGE", `--${option} '': expected a label, or a pattern such as 'From-Normal*'`);
  };
}
