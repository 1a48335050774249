import { timeOfText, timeUnitOf } from "@oddflow/preprocessing";
import { comparedNumber } from "./plain-text.ts";

/** 1980: what is before that was never a clock's, and 0 often stands for "not known". In seconds since 1970. */
const FIRST_TIME = 315_532_800;

/**
 * When a flow was, in seconds since 1970; NaN where that is not known.
 * @param values of columns that may say it, the likeliest first: numbers since 1970, whose unit their size tells, or ISO 8601 texts
 */
export function flowTime(values: readonly unknown[]): number {
  for (const value of values) {
    const number = comparedNumber(value);
    const time =
      number === undefined
        ? typeof value === "string"
          ? timeOfText(value.trim())
          : Number.NaN
        : number / timeUnitOf(number);
    if (time >= FIRST_TIME && Number.isFinite(time)) return time;
  }
  return Number.NaN;
}
