import { timeOfText } from "@oddflow/preprocessing";
import { DAYS, type TimeWindow } from "./rule.ts";

const MINUTES = 24 * 60;
const DAY_SECONDS = 86_400;

/** Thursday: 1 January 1970, among `DAYS`. */
const FIRST_DAY = 3;

/** A minute of a week by a zone's clocks. */
interface ClockTime {
  /** Among `DAYS`. */
  readonly day: number;
  /** Of the day. */
  readonly minute: number;
}

/** Makes the test of a window. @returns whether a time, in seconds since 1970, is in it */
export function windowTest({ days, from, to, zone }: TimeWindow): (time: number) => boolean {
  const clock = clockOf(zone ?? "UTC");
  const [first, end] = [minuteOf(from ?? "00:00"), minuteOf(to ?? "24:00")];
  const has = (day: number): boolean =>
    days === undefined || days.includes(DAYS[day] as (typeof DAYS)[number]);
  return (time) => {
    const { day, minute } = clock(time);
    if (first < end) return minute >= first && minute < end && has(day);
    // Over midnight: the evening of a day and the morning behind it.
    if (minute >= first) return has(day);
    return minute < end && has((day + DAYS.length - 1) % DAYS.length);
  };
}

/**
 * The hour of the week, 0 to 167 from Monday on, by a zone's clocks.
 * @param zone as the IANA data base names it
 * @returns of a time, in seconds since 1970
 */
export function hourOfWeekIn(zone: string): (time: number) => number {
  const clock = clockOf(zone);
  return (time) => {
    const { day, minute } = clock(time);
    return 24 * day + Math.floor(minute / 60);
  };
}

/** Of the day; `HH:MM`. */
export function minuteOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

function clockOf(zone: string): (time: number) => ClockTime {
  if (zone === "UTC")
    return (time) => {
      const days = Math.floor(time / DAY_SECONDS);
      const minute = Math.floor((time - days * DAY_SECONDS) / 60) % MINUTES;
      return { day: (((days + FIRST_DAY) % DAYS.length) + DAYS.length) % DAYS.length, minute };
    };
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return (time) => {
    const parts = new Map(format.formatToParts(time * 1000).map(({ type, value }) => [type, value]));
    const names: readonly string[] = DAYS;
    const day = names.indexOf(parts.get("weekday")?.toLowerCase() ?? "");
    return { day, minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")) };
  };
}

/** Whether clocks of a zone are known. */
export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** When a date begins, in seconds since 1970; NaN where there is no such date. @param date YYYY-MM-DD */
export function startOfDate(date: string): number {
  const start = timeOfText(date);
  if (!Number.isFinite(start)) return Number.NaN;
  // 30 February is 2 March to some.
  return new Date(start * 1000).toISOString().slice(0, 10) === date ? start : Number.NaN;
}
