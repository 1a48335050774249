/**
 * The number with the fewest digits that is this float32: 0.1 became 0.10000000149 as one, and becomes 0.1 again. Whole
 * numbers stay as they are; zero has no sign, since JSON knows no negative one.
 */
export function shortestFloat32(value: number): number {
  if (Number.isInteger(value)) return value + 0;
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
