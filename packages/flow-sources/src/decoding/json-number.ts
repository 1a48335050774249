import { decimal, numberOfAscii } from "./decimal.ts";
import { fourDigits } from "./four-digits.ts";
import { isDigit } from "./json-bytes.ts";

const [COMMA, PLUS, MINUS, POINT, ZERO, NINE, LARGE_E, SMALL_E, CLOSE] = [
  44, 43, 45, 46, 48, 57, 69, 101, 125,
];

/** Whole numbers of so many digits are summed up in 32 bits. */
const MOST_SMALL_DIGITS = 9;

/**
 * Writes the number at `from` where it is digits, perhaps with a point among them, as most are.
 * @returns where it ends, before a comma or a bracket; -1 where it is for `JsonNumberReader` to read
 */
export function readPlainFloat32(
  bytes: Uint8Array,
  view: DataView,
  end: number,
  from: number,
  into: Float32Array,
  place: number,
): number {
  let i = from;
  const most = Math.min(end, from + MOST_SMALL_DIGITS);
  let whole = 0;
  for (; i < most; i++) {
    const byte = bytes[i] as number;
    if (byte < ZERO || byte > NINE) break;
    whole = (Math.imul(whole, 10) + byte - ZERO) | 0;
  }
  const digits = i - from;
  if (i >= end || digits === 0 || (digits > 1 && bytes[from] === ZERO)) return -1;
  let byte = bytes[i] as number;
  if (byte === COMMA || byte === CLOSE) {
    into[place] = whole;
    return i;
  }
  let mantissa = whole;
  let wholeDigits = digits;
  for (; byte >= ZERO && byte <= NINE; byte = i < end ? (bytes[i] as number) : 0) {
    mantissa = mantissa * 10 + (byte - ZERO);
    wholeDigits++;
    i++;
  }
  let fraction = 0;
  if (byte === POINT) {
    const first = ++i;
    while (i + 4 <= end) {
      const four = fourDigits(view.getInt32(i, true));
      if (four < 0) break;
      mantissa = mantissa * 10000 + four;
      i += 4;
    }
    for (; i < end; i++) {
      byte = bytes[i] as number;
      if (byte < ZERO || byte > NINE) break;
      mantissa = mantissa * 10 + (byte - ZERO);
    }
    fraction = i - first;
    if (fraction === 0) return -1;
  }
  if (i >= end || (byte !== COMMA && byte !== CLOSE)) return -1;
  const value = decimal(mantissa, wholeDigits + fraction, fraction, false);
  if (Number.isNaN(value)) return -1;
  into[place] = value;
  return i;
}

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
    let behindPoint = 0;
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
      behindPoint = i - fraction;
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
    const value = isPlain ? decimal(mantissa, digits, behindPoint, isExact) : Number.NaN;
    if (Number.isNaN(value)) return numberOfAscii(bytes, from, i);
    return isNegative ? -value : value;
  }
}
