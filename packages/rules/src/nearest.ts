/** The word that was most likely meant: the one with the fewest letters to change, if these are few. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const ranked = known
    .map((own) => ({ own, distance: distanceOf(lower, own) }))
    .toSorted((a, b) => a.distance - b.distance);
  const [first] = ranked;
  return first !== undefined && isNear(first) ? first.own : undefined;
}

/** Letters that changed places are two. */
function isNear({ own, distance }: { readonly own: string; readonly distance: number }): boolean {
  return distance < own.length && distance <= Math.max(2, own.length / 3);
}

/** How many letters have to be put in, left out or exchanged (Levenshtein). */
function distanceOf(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > other.length) return Number.POSITIVE_INFINITY;
  let before = Array.from({ length: other.length + 1 }, (_, k) => k);
  for (const [i, letter] of [...one].entries()) {
    const row = [i + 1];
    for (let k = 0; k < other.length; k++) {
      const change = (before[k] as number) + (letter === other[k] ? 0 : 1);
      row.push(Math.min(change, (before[k + 1] as number) + 1, (row[k] as number) + 1));
    }
    before = row;
  }
  return before[other.length] as number;
}
