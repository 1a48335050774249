/** IPv4, IPv6 with or without a zone, and MAC addresses; a prefix length may stand behind. */
const ADDRESS =
  /^(\d{1,3}(\.\d{1,3}){3}|(?=.*::|(.*:){7})[0-9a-f:]+(:\d{1,3}(\.\d{1,3}){3})?(%\w+)?|[0-9a-f]{2}([:-][0-9a-f]{2}){5})(\/\d{1,3})?$/i;

/** A column is of addresses where at least this share of its distinct values are some. */
const MOST = 0.9;

/** Whether values name hosts: nearly all of them are IP or MAC addresses. Of fewer than two nothing is said. */
export function areAddresses(values: readonly string[]): boolean {
  const present = values.filter((value) => !/^\W*$/.test(value));
  if (present.length < 2) return false;
  return present.filter((value) => ADDRESS.test(value.trim())).length >= MOST * present.length;
}
