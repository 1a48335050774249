import type { ColumnSpec } from "@oddflow/preprocessing";

/** The columns that no flow had a value of so far. */
export class AbsentColumns {
  readonly #columns: readonly ColumnSpec[];
  #absent: readonly number[];
  #hasFlows = false;

  constructor(columns: readonly ColumnSpec[]) {
    this.#columns = columns;
    this.#absent = [...columns.keys()];
  }

  /** Looks at flows, row-major `[rows, columns]`. */
  see(flows: Float32Array): void {
    if (flows.length === 0) return;
    this.#hasFlows = true;
    const width = this.#columns.length;
    this.#absent = this.#absent.filter((k) => isMissingThroughout(flows, width, k));
  }

  /** None where there was no flow. */
  get names(): readonly string[] {
    return this.#hasFlows ? this.#absent.map((k) => (this.#columns[k] as ColumnSpec).name) : [];
  }
}

/** Whether no row of `[rows, width]` has a value of the column. */
export function isMissingThroughout(flows: Float32Array, width: number, column: number): boolean {
  for (let place = column; place < flows.length; place += width)
    if (!Number.isNaN(flows[place])) return false;
  return true;
}
