/** Powers of ten that float64 holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** Of this size and more nothing is said. */
const MOST = 1e6;

/** Below this size digits are counted one by one: a power of ten that makes nine of them whole is not exact. */
const LEAST_SCALED = 1e-12;

/** Below this size DuckDB writes an exponent. */
const LEAST_PLAIN = 1e-4;

/** Digits that tell any float32 from its neighbours. */
const DIGITS = 9;

/**
 * A float32 as DuckDB writes a FLOAT: with the fewest digits that tell it, `3.0` and `1e-05`; a digit more where the last one could
 * be either of two. Undefined for sizes that scores rarely have, and for what is no finite number.
 */
export function floatText(value: number): string | undefined {
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const size = Math.abs(value);
  if (!(size < MOST)) return undefined;
  const short = size < LEAST_SCALED ? fewDigitsOfSmall(value) : fewDigits(value, firstDigit(size));
  if (size < LEAST_PLAIN) return short.toExponential().replace(/e-(\d)$/, "e-0$1");
  return Number.isInteger(short) ? `${short}.0` : String(short);
}

/** The power of ten of a number's first digit. */
function firstDigit(size: number): number {
  let power = 0;
  if (size >= 1) while (size >= (POWERS[power + 1] as number)) power++;
  else while (size * (POWERS[-power] as number) < 1) power--;
  return power;
}

function fewDigits(value: number, first: number): number {
  for (let digits = Math.max(1, first + 1); digits <= DIGITS; digits++) {
    const power = POWERS[digits - 1 - first] as number;
    const scaled = value * power;
    // Both are whole numbers that float64 holds, so that their quotient is the decimal's own float64.
    const near = Math.round(scaled) / power;
    if (Math.fround(near) === value && Math.abs(scaled - Math.trunc(scaled)) !== 0.5) return near;
  }
  return value;
}

/** So small a float32 has far more digits than nine, so that none of them is halfway. */
function fewDigitsOfSmall(value: number): number {
  for (let digits = 1; digits < DIGITS; digits++) {
    const near = Number(value.toPrecision(digits));
    if (Math.fround(near) === value) return near;
  }
  return Number(value.toPrecision(DIGITS));
}
