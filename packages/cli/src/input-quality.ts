import { type ColumnCoding, unseenCode } from "@oddflow/preprocessing";

/** Rows whose places in a row-major buffer stay in the processor's first cache while columns are copied there. */
const BLOCK_ROWS = 64;

/** Counts what a person should know of the input: missing values and categories that the model never saw. */
export class InputQuality {
  missing = 0;
  readonly #columns: readonly ColumnCoding[];
  /** NaN, which equals nothing, for numbers. */
  readonly #unseenCodes: readonly number[];
  readonly #unseenCounts: number[];

  constructor(columns: readonly ColumnCoding[]) {
    this.#columns = columns;
    this.#unseenCodes = columns.map((column) =>
      column.kind === "category" ? unseenCode(column) : Number.NaN,
    );
    this.#unseenCounts = columns.map(() => 0);
  }

  /** Column to the number of values that its vocabulary lacks; those with none are not in there. */
  get unseen(): ReadonlyMap<string, number> {
    const counts = this.#columns.map(({ name }, k) => [name, this.#unseenCounts[k] as number] as const);
    return new Map(counts.filter(([, count]) => count > 0));
  }

  /**
   * Copies rows of columns into a row-major buffer, `columns[k][from + i]` to `into[(to + i) * columns.length + k]`, and counts
   * what it copies.
   */
  copy(columns: readonly Float32Array[], from: number, rows: number, into: Float32Array, to: number): void {
    const width = columns.length;
    for (let block = 0; block < rows; block += BLOCK_ROWS) {
      const end = Math.min(block + BLOCK_ROWS, rows);
      for (let k = 0; k < width; k++) {
        const values = columns[k] as Float32Array;
        const unseen = this.#unseenCodes[k] as number;
        let [missingCount, unseenCount] = [0, 0];
        let place = (to + block) * width + k;
        for (let row = from + block; row < from + end; row++) {
          const value = values[row] as number;
          into[place] = value;
          place += width;
          if (value === unseen) unseenCount++;
          // An infinity or NaN less itself is no number.
          else if (value - value !== 0) missingCount++;
        }
        this.missing += missingCount;
        this.#unseenCounts[k] = (this.#unseenCounts[k] as number) + unseenCount;
      }
    }
  }
}
