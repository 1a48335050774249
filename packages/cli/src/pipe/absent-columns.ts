import type { ColumnSpec } from "@oddflow/preprocessing";

/** The columns that no flow had a value of so far. */
export class AbsentColumns {
  #columns: readonly ColumnSpec[];
  #absent: readonly number[];

  constructor(columns: readonly ColumnSpec[]) {
    this.#columns = columns;
    this.#absent = [...columns.keys()];
  }

  /** @param absent places of the columns that further flows had no value of */
  keep(absent: readonly number[]): void {
    this.#absent = this.#absent.filter((column) => absent.includes(column));
  }

  /** Goes on with the columns of another model: those that flows had a value of are not absent. */
  changeColumns(columns: readonly ColumnSpec[]): void {
    const absent = new Set(this.#absent);
    const present = new Set(this.#columns.filter((_, column) => !absent.has(column)).map(({ name }) => name));
    this.#absent = [...columns.keys()].filter((column) => !present.has((columns[column] as ColumnSpec).name));
    this.#columns = columns;
  }

  get names(): readonly string[] {
    return this.#absent.map((column) => (this.#columns[column] as ColumnSpec).name);
  }
}

/** Places of the columns of which no row of `[rows, width]` has a value. */
export function absentPlaces(flows: Float32Array, width: number): readonly number[] {
  return Array.from({ length: width }, (_, column) => column).filter((column) => {
    for (let place = column; place < flows.length; place += width)
      if (!Number.isNaN(flows[place])) return false;
    return true;
  });
}
