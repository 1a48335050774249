/** Adds counts to others of the same things. */
export function addCounts<Thing>(
  to: Map<Thing, number>,
  counts: Iterable<readonly [thing: Thing, count: number]>,
): void {
  for (const [thing, count] of counts) to.set(thing, (to.get(thing) ?? 0) + count);
}
