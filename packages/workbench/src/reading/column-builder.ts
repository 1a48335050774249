import type { ColumnType } from "@oddflow/preprocessing";
import { CellStore } from "./cell-store.ts";
import {
  type CellCodes,
  type FlowColumn,
  jsonText,
  type NumberCells,
  type OtherValue,
} from "./flow-columns.ts";
import { narrowCodes, narrowNumbers, ownText } from "./narrow-cells.ts";

/** What was appended to a column, before it is decided what the column is. */
export interface GatheredColumn {
  readonly name: string;
  readonly rows: number;
  readonly numbers: NumberCells | undefined;
  readonly codes: CellCodes | undefined;
  readonly others: readonly OtherValue[];
  /** The numbers are milliseconds since 1970. */
  readonly areTimes: boolean;
}

/** Gathers a column's values, row after row, in about the memory that the column takes in the end. */
export class ColumnBuilder {
  readonly name: string;
  readonly #numbers: CellStore<NumberCells>;
  readonly #codes: CellStore<CellCodes>;
  #rows = 0;
  #areTimes = false;
  #others: OtherValue[] = [];
  #codeOf = new Map<unknown, number>();

  /** `isFloat32`: the file holds the column's numbers as float32. */
  constructor(name: string, isFloat32 = false) {
    this.name = name;
    this.#numbers = new CellStore(Float64Array, (cells) => narrowNumbers(cells, isFloat32));
    this.#codes = new CellStore(Uint32Array, narrowCodes);
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
    this.#numbers.set(this.#rows++, value);
  }

  appendNumbers(values: ArrayLike<number>): void {
    for (let i = 0; i < values.length; i++) this.appendNumber(values[i] as number);
  }

  appendOther(value: OtherValue): void {
    const key = typeof value === "object" && value !== null ? `\0${jsonText(value)}` : value;
    let code = this.#codeOf.get(key);
    if (code === undefined) {
      const own = typeof value === "string" ? ownText(value) : value;
      code = this.#others.push(own);
      this.#codeOf.set(typeof value === "string" ? own : key, code);
    }
    this.#codes.set(this.#rows++, code);
  }

  /** Appends null until there are `rows` rows. */
  padTo(rows: number): void {
    while (this.#rows < rows) this.appendOther(null);
  }

  /** Once: what was gathered is given away. */
  finish(): GatheredColumn {
    const others = this.#others;
    this.#codeOf = new Map();
    this.#others = [];
    return {
      name: this.name,
      rows: this.#rows,
      numbers: this.#numbers.finish(this.#rows),
      codes: this.#codes.finish(this.#rows),
      others,
      areTimes: this.#areTimes,
    };
  }
}

/** A column, once it is decided what it is. */
export function flowColumn(
  { name, rows, numbers, codes, others, areTimes }: GatheredColumn,
  type: ColumnType,
  areTexts = false,
): FlowColumn {
  return {
    name,
    type,
    rows,
    ...(numbers === undefined ? {} : { numbers }),
    ...(codes === undefined ? {} : { codes }),
    others,
    ...(areTimes ? { areTimes } : {}),
    ...(areTexts ? { areTexts } : {}),
  };
}

function isSafe(value: bigint): boolean {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
}
