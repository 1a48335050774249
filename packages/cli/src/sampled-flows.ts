import { type ColumnSeparation, labelLeaks, ownRocAucs, separationRows } from "@oddflow/evaluation";
import type { ColumnCoding } from "@oddflow/preprocessing";

/** Keeps as many of the labelled flows that come by in blocks as it takes to find the columns that tell their labels. */
export class SampledFlows {
  readonly #columns: readonly ColumnCoding[];
  readonly #rows: Uint32Array;
  readonly #labels: Uint8Array;
  readonly #flows: Float32Array;
  #taken = 0;

  /** @param isAttack of all flows that are going to be added; 0 is normal */
  constructor(columns: readonly ColumnCoding[], isAttack: Uint8Array) {
    this.#columns = columns;
    this.#rows = separationRows(isAttack);
    this.#labels = Uint8Array.from(this.#rows, (row) => isAttack[row] ?? 0);
    this.#flows = new Float32Array(this.#rows.length * columns.length);
  }

  /** @param flows row-major `[rows, columns]`, the next ones; the first of them is the row `firstRow` */
  add(flows: Float32Array, firstRow: number): void {
    const width = this.#columns.length;
    const end = firstRow + flows.length / width;
    while (this.#taken < this.#rows.length && (this.#rows[this.#taken] as number) < end) {
      const from = ((this.#rows[this.#taken] as number) - firstRow) * width;
      this.#flows.set(flows.subarray(from, from + width), this.#taken * width);
      this.#taken++;
    }
  }

  /** The columns that tell the labels by themselves, the one that tells most first. */
  leaks(): ColumnSeparation[] {
    return labelLeaks(ownRocAucs({ columns: this.#columns, flows: this.#flows }, this.#labels));
  }
}
