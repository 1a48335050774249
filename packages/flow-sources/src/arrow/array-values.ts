import { ArrowFault } from "./arrow-schema.ts";
import type { ArrowType } from "./arrow-types.ts";
import type { ArrowArray } from "./record-batch.ts";
import { TextCells } from "./text-cells.ts";

/**
 * The value of a row as a program holds it: a number, a bigint for one that no number holds exactly, a boolean or a text; null where
 * it is missing. A point of time is its seconds since 1970.
 */
export type ValueReader = (row: number) => unknown;

/** Says where the values of a column with a dictionary stand. */
export interface ValuePlaces {
  placesOf(array: ArrowArray): {
    readonly place: (row: number) => number;
    readonly dictionary: { value(place: number): unknown };
  };
}

const WITHOUT_VALIDITY: ReadonlySet<ArrowType["kind"]> = new Set(["null", "run ends", "other"]);

/** Which values of a column are missing: undefined where none is. A bit for each, 1 for one that is there. */
export function validityOf({
  nulls,
  buffers,
  firstBuffer,
  length,
  field,
}: ArrowArray): Uint8Array | undefined {
  if (nulls === 0 || length === 0) return undefined;
  if (field.dictionary === undefined && WITHOUT_VALIDITY.has(field.type.kind)) return undefined;
  const bits = buffers.bytes(firstBuffer);
  if (bits.length === 0) return undefined;
  if (bits.length * 8 < length) throw new ArrowFault("it is damaged: a record batch's buffer is too short");
  return bits;
}

export function isSet(bits: Uint8Array, row: number): boolean {
  return ((bits[row >> 3] as number) & (1 << (row & 7))) !== 0;
}

/**
 * @returns undefined for a type that no model reads
 * @throws ArrowFault, RangeError for damaged buffers, also when a value is read
 */
export function valueReader(array: ArrowArray, dictionaries: ValuePlaces): ValueReader | undefined {
  if (array.field.dictionary !== undefined) return withNulls(array, dictionaryReader(array, dictionaries));
  if (array.field.type.kind === "run ends") return runsReader(array, dictionaries);
  if (array.field.type.kind === "null") return () => null;
  const present = presentReader(array, array.field.type);
  return present && withNulls(array, present);
}

function withNulls(array: ArrowArray, present: ValueReader): ValueReader {
  const bits = validityOf(array);
  return bits === undefined ? present : (row) => (isSet(bits, row) ? present(row) : null);
}

function presentReader(array: ArrowArray, type: ArrowType): ValueReader | undefined {
  const { buffers, firstBuffer, length } = array;
  const values = firstBuffer + 1;
  switch (type.kind) {
    case "boolean": {
      const bits = buffers.numbers(Uint8Array, values, (length + 7) >> 3);
      return (row) => isSet(bits, row);
    }
    case "integer":
      return integerReader(array, type.bits, type.isSigned);
    case "duration":
      return integerReader(array, 64, true);
    case "float":
      return floatReader(array, type.bits);
    case "decimal":
      return decimalReader(array, type);
    case "text": {
      const cells = new TextCells(array, type.offsets);
      return (row) => {
        cells.goTo(row);
        return cells.text();
      };
    }
    case "date":
    case "timestamp": {
      const units = integerReader(array, type.bits, true);
      const { perSecond } = type;
      return (row) => Number(units(row)) / perSecond;
    }
    default:
      return undefined;
  }
}

function integerReader(array: ArrowArray, bits: number, isSigned: boolean): (row: number) => number | bigint {
  if (bits < 64) {
    const numbers = smallIntegers(array, bits, isSigned);
    return (row) => numbers[row] as number;
  }
  const { buffers, firstBuffer, length } = array;
  const values = firstBuffer + 1;
  const numbers = isSigned
    ? buffers.numbers(BigInt64Array, values, length)
    : buffers.numbers(BigUint64Array, values, length);
  return (row) => {
    const exact = numbers[row] as bigint;
    const number = Number(exact);
    return Number.isSafeInteger(number) ? number : exact;
  };
}

export type SmallIntegers = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

/** Integers of fewer than 64 bits. @throws ArrowFault */
export function smallIntegers(
  { buffers, firstBuffer, length }: ArrowArray,
  bits: number,
  isSigned: boolean,
): SmallIntegers {
  const values = firstBuffer + 1;
  switch (bits) {
    case 8:
      return isSigned
        ? buffers.numbers(Int8Array, values, length)
        : buffers.numbers(Uint8Array, values, length);
    case 16:
      return isSigned
        ? buffers.numbers(Int16Array, values, length)
        : buffers.numbers(Uint16Array, values, length);
    case 32:
      return isSigned
        ? buffers.numbers(Int32Array, values, length)
        : buffers.numbers(Uint32Array, values, length);
    default:
      throw new ArrowFault(`it is damaged: an integer of ${bits} bits`);
  }
}

function floatReader({ buffers, firstBuffer, length }: ArrowArray, bits: number): (row: number) => number {
  const values = firstBuffer + 1;
  if (bits === 64) {
    const numbers = buffers.numbers(Float64Array, values, length);
    return (row) => numbers[row] as number;
  }
  if (bits === 32) {
    const numbers = buffers.numbers(Float32Array, values, length);
    return (row) => numbers[row] as number;
  }
  const halves = buffers.numbers(Uint16Array, values, length);
  return (row) => halfFloat(halves[row] as number);
}

/** The number of IEEE 754's binary16. */
function halfFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Decimals as the nearest numbers, which their texts are read as. */
function decimalReader(
  { buffers, firstBuffer, length }: ArrowArray,
  { bits, scale }: { readonly bits: number; readonly scale: number },
): (row: number) => number {
  if (bits === 32) {
    const numbers = buffers.numbers(Int32Array, firstBuffer + 1, length);
    return (row) => Number(`${numbers[row]}e${-scale}`);
  }
  const each = bits / 64;
  const low = buffers.numbers(BigUint64Array, firstBuffer + 1, length * each);
  return (row) => {
    let value = 0n;
    for (let k = each - 1; k >= 0; k--) value = (value << 64n) | (low[row * each + k] as bigint);
    return Number(`${BigInt.asIntN(bits, value)}e${-scale}`);
  };
}

function dictionaryReader(array: ArrowArray, dictionaries: ValuePlaces): ValueReader {
  const { place, dictionary } = dictionaries.placesOf(array);
  return (row) => dictionary.value(place(row));
}

/** Runs of one value, each told by where it ends. */
function runsReader(array: ArrowArray, dictionaries: ValuePlaces): ValueReader | undefined {
  const [ends, values] = array.children;
  if (ends === undefined || values === undefined) throw new ArrowFault("it is damaged: runs without ends");
  const value = valueReader(values, dictionaries);
  if (value === undefined) return undefined;
  const { type } = ends.field;
  const end = integerReader(ends, type.kind === "integer" ? type.bits : 0, true);
  let run = 0;
  return (row) => {
    // Rows are asked for one after the other, for the most part.
    if (run > 0 && row < Number(end(run - 1))) run = 0;
    while (run < ends.length && row >= Number(end(run))) run++;
    if (run === ends.length) throw new ArrowFault("it is damaged: runs end before their column does");
    return value(run);
  };
}
