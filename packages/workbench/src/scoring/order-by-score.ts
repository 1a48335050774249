/** A digit of the radix sort, in bits: two of them are a float32. */
const DIGIT = 16;
const LARGEST = 2 ** DIGIT - 1;

/** The rows by score, the highest first and the earlier one of equals. Scores are finite. */
export function orderByScore(scores: Float32Array): Uint32Array {
  const keys = fallingKeys(scores);
  const rows = Uint32Array.from(scores, (_, row) => row);
  return sortedBy(sortedBy(rows, keys, 0), keys, DIGIT);
}

/** The larger a score, the smaller its key. The bits of floats rise with them, those of negative ones fall. */
function fallingKeys(scores: Float32Array): Uint32Array {
  // Added to 0, -0 is 0.
  const keys = new Uint32Array(scores.map((score) => score + 0).buffer);
  return keys.map((bits) => (bits >>> 31 === 1 ? bits : ~bits & 0x7fffffff));
}

/** The rows by one digit of their keys; those with the same digit stay in their order. */
function sortedBy(rows: Uint32Array, keys: Uint32Array, shift: number): Uint32Array {
  const places = new Uint32Array(LARGEST + 2);
  const digitOf = (row: number): number => ((keys[row] as number) >>> shift) & LARGEST;
  for (const row of rows) (places[digitOf(row) + 1] as number)++;
  for (let digit = 1; digit < places.length; digit++) {
    places[digit] = (places[digit] as number) + (places[digit - 1] as number);
  }
  const sorted = new Uint32Array(rows.length);
  for (const row of rows) {
    const digit = digitOf(row);
    sorted[places[digit] as number] = row;
    places[digit] = (places[digit] as number) + 1;
  }
  return sorted;
}
