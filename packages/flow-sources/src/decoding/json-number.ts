import { decimal, numberOfAscii } from "./decimal.ts";
import { isDigit } from "./json-bytes.ts";

const [PLUS, MINUS, POINT, ZERO, LARGE_E, SMALL_E] = [43, 45, 46, 48, 69, 101];

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
