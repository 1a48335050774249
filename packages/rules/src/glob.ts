/**
 * Whether a whole text is as a pattern says: `*` stands for any letters, also none, `?` for one. No regular expression: it takes no
 * more steps than the two have letters, multiplied.
 */
export function matchesGlob(pattern: readonly string[], text: string): boolean {
  const letters = [...text];
  let at = 0;
  let place = 0;
  /** Behind the last star, and how far it reaches for now. */
  let behindStar = -1;
  let reach = 0;
  while (at < letters.length) {
    const wanted = pattern[place];
    if (wanted === "*") {
      behindStar = ++place;
      reach = at;
    } else if (wanted !== undefined && (wanted === "?" || wanted === letters[at])) {
      place++;
      at++;
    } else if (behindStar >= 0) {
      place = behindStar;
      at = ++reach;
    } else return false;
  }
  while (pattern[place] === "*") place++;
  return place === pattern.length;
}

/** A pattern's letters. */
export function globLetters(pattern: string): readonly string[] {
  return [...pattern];
}
