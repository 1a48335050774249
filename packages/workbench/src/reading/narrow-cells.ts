import type { CellCodes, NumberCells } from "./flow-columns.ts";

/** A copy of some numbers in as few bytes as hold them all. `isFloat32`: none needs more than float32. */
export function narrowNumbers(numbers: Float64Array | Uint32Array, isFloat32: boolean): NumberCells {
  let least = 0;
  let most = 0;
  for (const number of numbers) {
    if (!Number.isInteger(number) || Object.is(number, -0)) return floats(numbers, isFloat32);
    if (number < least) least = number;
    if (number > most) most = number;
  }
  if (least >= -128 && most < 128) return Int8Array.from(numbers);
  if (least >= -32_768 && most < 32_768) return Int16Array.from(numbers);
  if (least >= -2_147_483_648 && most < 2_147_483_648) return Int32Array.from(numbers);
  return floats(numbers, isFloat32);
}

function floats(numbers: Float64Array | Uint32Array, isFloat32: boolean): Float32Array | Float64Array {
  return isFloat32 ? Float32Array.from(numbers) : Float64Array.from(numbers);
}

/** A copy of some codes in as few bytes as hold them all. */
export function narrowCodes(codes: Float64Array | Uint32Array): CellCodes {
  let most = 0;
  for (const code of codes) if (code > most) most = code;
  if (most < 256) return Uint8Array.from(codes);
  return most < 65_536 ? Uint16Array.from(codes) : Uint32Array.from(codes);
}

/** A longer text than this can be a part of another one in memory, which then stays with it. Source: V8's SlicedString::kMinLength, 13 */
const SHORT = 12;

/** The text by itself: what is cut out of a file's piece would hold all of the piece. */
export function ownText(text: string): string {
  return text.length > SHORT ? ` ${text}`.slice(1) : text;
}
