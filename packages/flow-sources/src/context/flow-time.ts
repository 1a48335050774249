import { CALENDAR, numberOfText, timeCandidates, timeOfText, timeUnitOf } from "@oddflow/preprocessing";
import { findSensor } from "../sensors/find-sensor.ts";

/** 1980: what is before that was never a clock's, and 0 often stands for "not known". In seconds since 1970. */
const FIRST_TIME = 315_532_800;

/** The columns of a table that may say when a flow was, the likeliest first. */
export function findTimeColumns(columns: readonly string[]): readonly string[] {
  const known = columns.map((name) => ({ name, type: "text" as const }));
  return timeCandidates(known, findSensor(columns)?.times).map(({ name }) => name);
}

/**
 * When a flow was, in seconds since 1970; NaN where that is not known.
 * @param values of columns that may say it, the likeliest first: numbers since 1970, whose unit their size tells, or ISO 8601 texts
 */
export function flowTime(values: readonly unknown[]): number {
  for (const value of values) {
    const number = numberOf(value);
    const time =
      number === undefined
        ? typeof value === "string"
          ? timeOfText(value.trim())
          : Number.NaN
        : number / timeUnitOf(number);
    if (time >= FIRST_TIME && time <= CALENDAR.to) return time;
  }
  return Number.NaN;
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === "string") return numberOfText(value);
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}
