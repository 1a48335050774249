import { decimal, numberOfAscii } from "./decimal.ts";
import { isDigit } from "./json-bytes.ts";

const [SPACE, PLUS, MINUS, POINT, ZERO, NINE, LARGE_E, SMALL_E] = [32, 43, 45, 46, 48, 57, 69, 101];

/**
 * The number that digits write, with a point, a sign, an exponent and space around where they have them; undefined for whatever
 * else.
 * @param need "form": whether it is one, and any number for it; "float32": one with the same float32
 */
export function readNumber(
  bytes: Uint8Array,
  from: number,
  to: number,
  need: "form" | "float32" | "exact",
): number | undefined {
  let start = from;
  let end = to;
  while (start < end && bytes[start] === SPACE) start++;
  while (end > start && bytes[end - 1] === SPACE) end--;
  const isNegative = bytes[start] === MINUS;
  let mantissa = 0;
  let digits = 0;
  let fraction = -1;
  let i = isNegative ? start + 1 : start;
  for (; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte === POINT && fraction < 0) fraction = 0;
    else if (isDigit(byte)) {
      mantissa = mantissa * 10 + (byte - ZERO);
      digits++;
      if (fraction >= 0) fraction++;
    } else break;
  }
  if (digits === 0) return undefined;
  if (i < end) return isExponent(bytes, i, end) ? numberOfAscii(bytes, start, end) : undefined;
  if (need === "form") return 0;
  const value = decimal(mantissa, digits, Math.max(0, fraction), need === "exact");
  if (!Number.isNaN(value)) return isNegative ? -value : value;
  return numberOfAscii(bytes, start, end);
}

/** Reads numbers of plain digits, with a point and a minus where they have them, from the beginning of a cell. */
export class CellNumberReader {
  /** Where the number that was read last ends; -1 where it is none, or takes `readNumber`. */
  after = -1;

  /** @returns a number with the same float32, or exactly the one where `isExact` */
  read(bytes: Uint8Array, from: number, end: number, isExact: boolean): number {
    const isNegative = bytes[from] === MINUS;
    let mantissa = 0;
    let i = isNegative ? from + 1 : from;
    const first = i;
    let byte = 0;
    for (; i < end; i++) {
      byte = bytes[i] as number;
      if (byte < ZERO || byte > NINE) break;
      mantissa = mantissa * 10 + (byte - ZERO);
    }
    let digits = i - first;
    let fraction = 0;
    if (byte === POINT && i < end) {
      const point = i++;
      for (; i < end; i++) {
        byte = bytes[i] as number;
        if (byte < ZERO || byte > NINE) break;
        mantissa = mantissa * 10 + (byte - ZERO);
      }
      fraction = i - point - 1;
      digits += fraction;
    }
    const value = decimal(mantissa, digits, fraction, isExact);
    this.after = digits === 0 || Number.isNaN(value) ? -1 : i;
    return isNegative ? -value : value;
  }
}

/** Whether bytes are an exponent, as in 1.5e-05. */
function isExponent(bytes: Uint8Array, from: number, end: number): boolean {
  if (bytes[from] !== SMALL_E && bytes[from] !== LARGE_E) return false;
  const isSigned = bytes[from + 1] === MINUS || bytes[from + 1] === PLUS;
  const first = from + (isSigned ? 2 : 1);
  for (let i = first; i < end; i++) if (!isDigit(bytes[i] as number)) return false;
  return first < end;
}
