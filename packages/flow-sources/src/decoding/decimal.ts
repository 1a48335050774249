/** Powers of ten that float64 holds exactly: a number of at most 2^53 by one of them is rounded once, rightly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** At most 25 digits, two roundings each and one for the division: far below this off, of one. */
const MOST_DIGITS = 25;
const NEARLY = 2 ** -47;

/**
 * The number that digits with a point write. Of longer ones the digits say nearly which it is: where all numbers that near have one
 * float32, so has it.
 * @param mantissa the digits as a whole number, added up in float64
 * @param fraction how many of the `digits` are behind the point
 * @returns the number, or one with the same float32 unless `isExact`; NaN where it takes `numberOfAscii`
 */
export function decimal(mantissa: number, digits: number, fraction: number, isExact: boolean): number {
  if (fraction >= POWERS.length) return Number.NaN;
  const value = fraction > 0 ? mantissa / (POWERS[fraction] as number) : mantissa;
  // Both are exact, so that their quotient is rounded once.
  if (mantissa <= Number.MAX_SAFE_INTEGER) return value;
  if (isExact || digits > MOST_DIGITS) return Number.NaN;
  const rounded = Math.fround(value * (1 - NEARLY));
  return rounded === Math.fround(value * (1 + NEARLY)) ? rounded : Number.NaN;
}

/** A finite number that float32 cannot hold is missing; an infinity stays one. */
export function finiteFloat32(number: number): number {
  const rounded = Math.fround(number);
  return Number.isFinite(number) && !Number.isFinite(rounded) ? Number.NaN : rounded;
}

/** The number that ASCII text writes. */
export function numberOfAscii(bytes: Uint8Array, from: number, to: number): number {
  let text = "";
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i] as number);
  return Number(text);
}
