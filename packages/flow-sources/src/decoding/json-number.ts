import { isDigit } from "./json-bytes.ts";

const [PLUS, MINUS, POINT, ZERO, LARGE_E, SMALL_E] = [43, 45, 46, 48, 69, 101];

/** Powers of ten that float64 holds exactly: a number of at most 2^53 times or by one of them is rounded once, rightly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const EXACT = 2 ** 53;

/** Longer numbers are nearly known; where all numbers that near have one float32, that is the number's. */
const NEARLY = 2 ** -47;

/** Reads numbers of JSON from their bytes. */
export class JsonNumberReader {
  /** Where the number that was read last ends; -1 where there was none, or its end has not come. */
  after = 0;

  /** The number at `from`: to the last bit what `JSON.parse` makes of it where `isExact`, else a number with the same float32. */
  read(bytes: Uint8Array, end: number, from: number, isExact: boolean): number {
    let i = from;
    const isNegative = bytes[i] === MINUS;
    if (isNegative) i++;
    const whole = i;
    let mantissa = 0;
    let byte = i < end ? (bytes[i] as number) : 0;
    while (isDigit(byte)) {
      mantissa = mantissa * 10 + (byte - ZERO);
      i++;
      byte = i < end ? (bytes[i] as number) : 0;
    }
    let digits = i - whole;
    this.after = -1;
    if (digits === 0 || (digits > 1 && bytes[whole] === ZERO)) return 0;
    let exponent = 0;
    if (byte === POINT) {
      const fraction = ++i;
      byte = i < end ? (bytes[i] as number) : 0;
      while (isDigit(byte)) {
        mantissa = mantissa * 10 + (byte - ZERO);
        i++;
        byte = i < end ? (bytes[i] as number) : 0;
      }
      if (i === fraction) return 0;
      digits += i - fraction;
      exponent = fraction - i;
    }
    let isPlain = true;
    if (byte === SMALL_E || byte === LARGE_E) {
      isPlain = false;
      i++;
      if (bytes[i] === PLUS || bytes[i] === MINUS) i++;
      const power = i;
      while (i < end && isDigit(bytes[i] as number)) i++;
      if (i === power) return 0;
    }
    // A number that ends where the text does may go on in what comes next.
    if (i >= end) return 0;
    this.after = i;
    if (isPlain && digits <= 16 && mantissa < EXACT && exponent >= -22) {
      const value = exponent === 0 ? mantissa : mantissa / (POWERS[-exponent] as number);
      return isNegative ? -value : value;
    }
    if (isPlain && digits <= 25 && exponent >= -22 && !isExact) {
      // At most 25 digits, two roundings each and one for the division: far below 2^-47 off.
      const value = mantissa / (POWERS[-exponent] as number);
      const rounded = Math.fround(value * (1 - NEARLY));
      if (rounded === Math.fround(value * (1 + NEARLY))) return isNegative ? -rounded : rounded;
    }
    let text = "";
    for (let k = from; k < i; k++) text += String.fromCharCode(bytes[k] as number);
    return Number(text);
  }
}
