/** So many kinds are named; a stream of events may have dozens. */
const MOST_KINDS = 5;

/**
 * What was left out, as a sentence goes on: `6 records with the event_type dns, 1 line of a summary`. Further kinds are summed up.
 * @param leftOut what, in words for several of it, and how often
 * @param countText writes a number for people
 */
export function leftOutText(
  leftOut: Iterable<readonly [what: string, count: number]>,
  countText: (count: number) => string,
): string {
  const kinds = [...leftOut];
  const texts = kinds
    .slice(0, MOST_KINDS)
    .map(([what, count]) => `${countText(count)} ${count === 1 ? oneOf(what) : what}`);
  const rest = kinds.slice(MOST_KINDS);
  if (rest.length > 0) {
    const count = rest.reduce((sum, [, own]) => sum + own, 0);
    texts.push(`${countText(count)} of ${rest.length} other ${rest.length === 1 ? "kind" : "kinds"}`);
  }
  return texts.join(", ");
}

/** The words for one. */
function oneOf(what: string): string {
  return what.replace(/\b(line|record)s\b/, "$1").replace(/\bthat stand\b/, "that stands");
}
