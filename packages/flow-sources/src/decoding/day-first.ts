const DAY_FIRST = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d\d)(?::(\d\d(?:\.\d{1,9})?))? ?([AP]M)?$/i;

/** A time with the day before the month, such as `03/02/2026 09:03:09 AM`, as ISO 8601 has it; any other text as it is. */
export function isoTime(text: string): string {
  const found = DAY_FIRST.exec(text);
  if (found === null) return text;
  const [, day = "", month = "", year = "", hour = "", minute = "", second = "00", half] = found;
  if (Number(day) > 31 || Number(month) > 12 || Number(hour) > 23) return text;
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0);
  const pad = (digits: string | number): string => String(digits).padStart(2, "0");
  return `${year}-${pad(month)}-${pad(day)} ${pad(hours)}:${minute}:${second}`;
}
