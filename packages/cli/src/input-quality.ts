import { type ColumnCoding, unseenCode } from "@oddflow/preprocessing";

/** Counts what a person should know of the input: missing values and categories that the model never saw. */
export class InputQuality {
  missing = 0;
  readonly unseen: Map<string, number> = new Map();
  readonly #columns: readonly ColumnCoding[];

  constructor(columns: readonly ColumnCoding[]) {
    this.#columns = columns;
  }

  look(values: readonly Float32Array[]): void {
    this.#columns.forEach((column, k) => {
      const codes = values[k] ?? new Float32Array();
      const unseen = column.kind === "category" ? unseenCode(column) : Number.NaN;
      let [missingCount, unseenCount] = [0, 0];
      for (let row = 0; row < codes.length; row++) {
        const code = codes[row] as number;
        // An infinity or NaN less itself is no number.
        if (code - code !== 0) missingCount++;
        else if (code === unseen) unseenCount++;
      }
      this.missing += missingCount;
      if (unseenCount > 0) this.unseen.set(column.name, (this.unseen.get(column.name) ?? 0) + unseenCount);
    });
  }
}
