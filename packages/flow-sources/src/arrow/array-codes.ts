import { type ColumnCoding, createValueEncoder, type EncodeProblem } from "@oddflow/preprocessing";
import { findWord, type WordTable, wordTable } from "../decoding/ascii-words.ts";
import { finiteFloat32 } from "../decoding/decimal.ts";
import { isSet, smallIntegers, validityOf, valueReader } from "./array-values.ts";
import type { ArrowDictionaries } from "./dictionaries.ts";
import type { ArrowArray } from "./record-batch.ts";
import { TextCells } from "./text-cells.ts";

/** A column, or a field of structs: its values, missing where those of an outer struct are. */
export interface ArrowLeaf {
  readonly array: ArrowArray;
  readonly outer: readonly ArrowArray[];
}

/** A value that its column cannot hold, and its row in the batch. */
export class ArrowValueFault extends Error {
  override readonly name = "ArrowValueFault";
  readonly row: number;
  readonly problem: EncodeProblem;

  constructor(row: number, problem: EncodeProblem) {
    super("a value that its column cannot hold");
    this.row = row;
    this.problem = problem;
  }
}

/** Codes of rows of a batch; those of float32 without missing values are where they lie in the batch. */
export type CodeReader = (from: number, rows: number) => Float32Array;

/**
 * Reads values as the codes that `createRecordEncoder` gives for them.
 * @returns undefined for a type that no model reads
 * @throws ArrowFault, RangeError for damaged buffers, ArrowValueFault, also when codes are read
 */
export function codeReader(
  coding: ColumnCoding,
  { array, outer }: ArrowLeaf,
  dictionaries: ArrowDictionaries,
): CodeReader | undefined {
  const masks = [...outer, array].flatMap((one) => validityOf(one) ?? []);
  const isMissing = (row: number): boolean => masks.some((bits) => !isSet(bits, row));
  const fast = coding.kind === "number" ? numberCodes(array) : undefined;
  if (fast !== undefined) return masks.length === 0 ? fast : masked(fast, masks);
  const code = rowCode(coding, array, dictionaries);
  if (code === undefined) return undefined;
  return (from, rows) => {
    const codes = new Float32Array(rows);
    for (let i = 0; i < rows; i++) {
      const row = from + i;
      const own = isMissing(row) ? Number.NaN : code(row);
      if (typeof own !== "number") throw new ArrowValueFault(row, own);
      codes[i] = own;
    }
    return codes;
  };
}

function masked(codes: CodeReader, masks: readonly Uint8Array[]): CodeReader {
  return (from, rows) => {
    const own = codes(from, rows).slice();
    for (const bits of masks) {
      for (let i = 0; i < rows; i++) if (!isSet(bits, from + i)) own[i] = Number.NaN;
    }
    return own;
  };
}

/** The codes of numbers, whatever stands where one is missing. */
function numberCodes(array: ArrowArray): CodeReader | undefined {
  const { field, buffers, firstBuffer, length } = array;
  const { type } = field;
  if (field.dictionary !== undefined) return undefined;
  const values = firstBuffer + 1;
  if (type.kind === "float" && type.bits === 32) {
    const numbers = buffers.numbers(Float32Array, values, length);
    return (from, rows) => numbers.subarray(from, from + rows);
  }
  if (type.kind === "float" && type.bits === 64) {
    const numbers = buffers.numbers(Float64Array, values, length);
    return (from, rows) => {
      const codes = new Float32Array(rows);
      for (let i = 0; i < rows; i++) codes[i] = finiteFloat32(numbers[from + i] as number);
      return codes;
    };
  }
  if (type.kind === "integer" && type.bits < 64) {
    const numbers = smallIntegers(array, type.bits, type.isSigned);
    return (from, rows) => Float32Array.from(numbers.subarray(from, from + rows));
  }
  if (type.kind !== "duration" && type.kind !== "integer") return undefined;
  const isSigned = type.kind === "duration" || type.isSigned;
  const words = buffers.numbers(Uint32Array, values, 2 * length);
  return (from, rows) => {
    const codes = new Float32Array(rows);
    for (let i = 0, at = 2 * from; i < rows; i++, at += 2) {
      const low = words[at] as number;
      const high = words[at + 1] as number;
      // The upper half is exact, so that the sum is rounded once.
      codes[i] = (isSigned ? high | 0 : high) * 0x1_0000_0000 + low;
    }
    return codes;
  };
}

/** The code of a row whose value is there. */
function rowCode(
  coding: ColumnCoding,
  array: ArrowArray,
  dictionaries: ArrowDictionaries,
): ((row: number) => number | EncodeProblem) | undefined {
  const encode = createValueEncoder(coding);
  const { type, dictionary: use } = array.field;
  if (use !== undefined) {
    const { place, dictionary } = dictionaries.placesOf(array);
    const code = dictionary.codes(coding, encode);
    return (row) => code(place(row));
  }
  if (type.kind === "text" && coding.kind === "category" && coding.valueType === "text") {
    return wordCode(new TextCells(array, type.offsets), coding.vocabulary, encode);
  }
  const value = valueReader(array, dictionaries);
  return value && ((row) => encode(value(row)));
}

const [SPACE, TILDE] = [32, 126];

/** Words of plain ASCII are known by their bytes. */
function wordCode(
  cells: TextCells,
  vocabulary: readonly string[],
  encode: (value: unknown) => number | EncodeProblem,
): (row: number) => number | EncodeProblem {
  const words: WordTable = wordTable(vocabulary);
  return (row) => {
    cells.goTo(row);
    const { bytes, start, end } = cells;
    if (start === end) return Number.NaN;
    let hash = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte < SPACE || byte > TILDE) return encode(cells.text());
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    return findWord(words, hash, bytes, start, end) ?? vocabulary.length;
  };
}
