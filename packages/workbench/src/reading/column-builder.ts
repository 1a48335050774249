import type { ColumnType } from "@oddflow/preprocessing";
import { type FlowColumn, jsonText, type NumberCells, type OtherValue } from "./flow-columns.ts";

const SMALLEST = 1024;

/** What was appended to a column, before it is decided what the column is. */
export interface GatheredColumn {
  readonly name: string;
  readonly rows: number;
  readonly numbers: Float64Array | Float32Array | undefined;
  readonly codes: Uint32Array | undefined;
  readonly others: readonly OtherValue[];
  /** The numbers are milliseconds since 1970. */
  readonly areTimes: boolean;
}

/** Gathers a column's values, row after row. */
export class ColumnBuilder {
  readonly name: string;
  #rows = 0;
  #numbers: Float64Array | undefined;
  #codes: Uint32Array | undefined;
  readonly #isFloat32: boolean;
  #areTimes = false;
  readonly #others: OtherValue[] = [];
  readonly #codeOf = new Map<unknown, number>();

  /** `isFloat32`: the file holds the column's numbers as float32. */
  constructor(name: string, isFloat32 = false) {
    this.name = name;
    this.#isFloat32 = isFloat32;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Appends a value of any kind; undefined is null. */
  append(value: unknown): void {
    if (typeof value === "number") this.appendNumber(value);
    else if (value instanceof Date) {
      this.#areTimes = true;
      this.appendNumber(value.getTime());
    } else if (typeof value === "bigint" && isSafe(value)) {
      this.appendNumber(Number(value));
    } else this.appendOther((value ?? null) as OtherValue);
  }

  appendNumber(value: number): void {
    const row = this.#rows++;
    this.#numbers = held(this.#numbers, Float64Array, row);
    this.#numbers[row] = value;
    if (this.#codes) this.#codes = held(this.#codes, Uint32Array, row);
  }

  appendNumbers(values: ArrayLike<number>): void {
    const row = this.#rows;
    this.#rows += values.length;
    this.#numbers = held(this.#numbers, Float64Array, this.#rows - 1);
    this.#numbers.set(values, row);
    if (this.#codes) this.#codes = held(this.#codes, Uint32Array, this.#rows - 1);
  }

  appendOther(value: OtherValue): void {
    const row = this.#rows++;
    const key = typeof value === "object" && value !== null ? `\0${jsonText(value)}` : value;
    let code = this.#codeOf.get(key);
    if (code === undefined) {
      this.#others.push(value);
      code = this.#others.length;
      this.#codeOf.set(key, code);
    }
    this.#codes = held(this.#codes, Uint32Array, row);
    this.#codes[row] = code;
    if (this.#numbers) this.#numbers = held(this.#numbers, Float64Array, row);
  }

  /** Appends null until there are `rows` rows. */
  padTo(rows: number): void {
    while (this.#rows < rows) this.appendOther(null);
  }

  finish(): GatheredColumn {
    const numbers = this.#numbers?.slice(0, this.#rows);
    return {
      name: this.name,
      rows: this.#rows,
      numbers: numbers && this.#isFloat32 ? Float32Array.from(numbers) : numbers,
      codes: this.#codes?.slice(0, this.#rows),
      others: this.#others,
      areTimes: this.#areTimes,
    };
  }
}

/** The column in as little memory as holds it. */
export function compactColumn(
  { name, rows, numbers, codes, others, areTimes }: GatheredColumn,
  type: ColumnType,
  areTexts = false,
): FlowColumn {
  return {
    name,
    type,
    rows,
    ...(numbers === undefined ? {} : { numbers: compactNumbers(numbers) }),
    ...(codes === undefined ? {} : { codes: compactCodes(codes, others.length) }),
    others,
    ...(areTimes ? { areTimes } : {}),
    ...(areTexts ? { areTexts } : {}),
  };
}

function compactNumbers(numbers: Float64Array | Float32Array): NumberCells {
  let least = 0;
  let most = 0;
  for (const number of numbers) {
    if (!Number.isInteger(number) || Object.is(number, -0)) return numbers;
    if (number < least) least = number;
    if (number > most) most = number;
  }
  if (least >= -128 && most < 128) return Int8Array.from(numbers);
  if (least >= -32_768 && most < 32_768) return Int16Array.from(numbers);
  return least >= -2_147_483_648 && most < 2_147_483_648 ? Int32Array.from(numbers) : numbers;
}

function compactCodes(codes: Uint32Array, others: number): Uint8Array | Uint16Array | Uint32Array {
  if (others < 256) return Uint8Array.from(codes);
  return others < 65_536 ? Uint16Array.from(codes) : codes;
}

/** The array, or one twice as long with the same start, so that it has a place for `row`. */
function held<T extends Float64Array | Uint32Array>(
  array: T | undefined,
  type: new (length: number) => T,
  row: number,
): T {
  if (array !== undefined && row < array.length) return array;
  const longer = new type(Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(row + 1))));
  if (array !== undefined) longer.set(array);
  return longer;
}

function isSafe(value: bigint): boolean {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
}
