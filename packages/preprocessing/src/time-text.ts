/**
 * A date, with or without a time, as ISO 8601 writes it: a space may stand for the T, and before the offset, and strokes for the
 * hyphens. Whole text; understood by JavaScript and by RE2.
 */
export const TIME_TEXT =
  "[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?)?";

const PARTS =
  /^(\d{4}[-/]\d\d[-/]\d\d)(?:[ T](\d\d:\d\d)(?::(\d\d)(\.\d{1,9})?)?(?: ?(Z|[+-]\d\d(?::?\d\d)?))?)?$/;

/** Seconds since 1970 of a text such as `TIME_TEXT`, which means UTC where it says nothing else; NaN for what is none. */
export function timeOfText(text: string): number {
  const [whole, day, clock = "00:00", second = "00", fraction = "0", zone = "Z"] = PARTS.exec(text) ?? [];
  if (whole === undefined || day === undefined) return Number.NaN;
  const offset = zone === "Z" ? zone : `${zone.slice(0, 3)}:${zone.slice(3).replace(":", "") || "00"}`;
  return Date.parse(`${day.replaceAll("/", "-")}T${clock}:${second}${offset}`) / 1000 + Number(fraction);
}
