import { numberOfText, timeUnitOf } from "@oddflow/preprocessing";
import { NotPlainText } from "./not-plain-text.ts";

/** A date with its time; a fraction of more than six digits is finer than DuckDB's microseconds. */
const PARTS =
  /^(\d{4})[-/](\d\d)[-/](\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(?: ?(Z|[+-]\d\d(?::?\d\d)?))?)?$/;

const SURROUNDING_SPACE = /^[ \t\r\n]+|[ \t\r\n]+$/g;

/** How the times of some flows are written. It can go from process to process. */
export interface TimeForms {
  /** How many are texts such as 2025-01-31T23:59:59Z. */
  readonly texts: number;
  /** How many are numbers, by how many of their units are a second as each one's size tells. */
  readonly numbers: ReadonlyMap<number, number>;
}

/** Reads times as they stand in a table's column, whose unit all of them tell together. */
export class FlowTimes {
  #texts = 0;
  readonly #numbers = new Map<number, number>();

  get forms(): TimeForms {
    return { texts: this.#texts, numbers: this.#numbers };
  }

  /**
   * A time in the column's unit, which is seconds where it is a text; NaN where there is none.
   * @throws NotPlainText for what is no time, or one that DuckDB may read in another way
   */
  read(value: unknown): number {
    if (value === undefined || value === null) return Number.NaN;
    if (typeof value === "number") return this.#number(value);
    if (typeof value !== "string") throw new NotPlainText(`a time of ${String(value)}`);
    const seconds = secondsOfText(value);
    if (seconds !== undefined) {
      this.#texts++;
      return seconds;
    }
    const number = numberOfText(value);
    if (number === undefined) throw new NotPlainText(`a time of ${value}`);
    return this.#number(number);
  }

  #number(value: number): number {
    if (Number.isNaN(value)) return value;
    if (!Number.isFinite(value)) throw new NotPlainText(`a time of ${value}`);
    const unit = timeUnitOf(value);
    this.#numbers.set(unit, (this.#numbers.get(unit) ?? 0) + 1);
    return value;
  }
}

/**
 * How many units of a column are a second, by the rule of `timeUnitsPerSecond`: the size of the time in the middle tells it.
 * @param forms those of all flows
 * @throws NotPlainText where some times are texts and others numbers
 */
export function unitsPerSecond(forms: readonly TimeForms[]): number {
  const numbers = new Map<number, number>();
  for (const [unit, count] of forms.flatMap((some) => [...some.numbers]))
    numbers.set(unit, (numbers.get(unit) ?? 0) + count);
  const count = [...numbers.values()].reduce((sum, own) => sum + own, 0);
  if (count === 0) return 1;
  if (forms.some(({ texts }) => texts > 0)) throw new NotPlainText("times as texts and as numbers");
  let before = 0;
  // The larger the numbers, the finer is their unit.
  for (const [unit, own] of [...numbers].sort(([one], [other]) => one - other)) {
    before += own;
    if (before > count >> 1) return unit;
  }
  throw new Error("context: no time is in the middle");
}

/** Seconds since 1970, as DuckDB has them: the nearest double to whole microseconds. Undefined for what is no such text. */
function secondsOfText(value: string): number | undefined {
  const parts = PARTS.exec(value) ?? PARTS.exec(value.replace(SURROUNDING_SPACE, ""));
  if (parts === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = parts;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const date = new Date(midnight);
  const offset = zone === "Z" ? 0 : offsetOf(zone);
  const isDate = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  const isClock = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  if (!isDate || !isClock || Number(year) < FIRST_YEAR || Math.abs(offset) > MOST_OFFSET) return undefined;
  const seconds = midnight / 1000 + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - offset;
  return (seconds * 1e6 + Number(fraction.padEnd(6, "0"))) / 1e6;
}

/** Before that JavaScript takes years for those of the century before the last. */
const FIRST_YEAR = 1000;

const MOST_OFFSET = 14 * 3600;

function offsetOf(zone: string): number {
  const minutes = Number(zone.slice(3).replace(":", "") || "0");
  const seconds = Number(zone.slice(1, 3)) * 3600 + minutes * 60;
  return zone.startsWith("-") ? -seconds : seconds;
}
