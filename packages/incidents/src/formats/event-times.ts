/** What no calendar of the formats has is written as their last moment. */
const LAST = 253_402_300_799_999;

/** Milliseconds since 1970, whole. @param time seconds since 1970 */
export function eventMilliseconds(time: number): number {
  return Math.min(LAST, Math.round(1000 * time));
}

/** ISO 8601 in UTC, with milliseconds where there are some. @param time seconds since 1970 */
export function eventStamp(time: number): string {
  return new Date(eventMilliseconds(time)).toISOString().replace(".000Z", "Z");
}
