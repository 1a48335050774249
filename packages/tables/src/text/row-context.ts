import { type CountedContext, readCountedContext } from "../context/counted-context.ts";
import { NotPlainText } from "./not-plain-text.ts";

/** The context of a shard's rows, as it was counted. It can go from process to process. */
export interface TextContext {
  readonly rows: number;
  /** Columns. */
  readonly width: number;
  readonly counted: CountedContext;
}

/** Puts the context of a shard's rows behind their own columns. */
export class RowContext {
  /** Columns; 0 where there is none. */
  readonly width: number;
  readonly #rows: number;
  readonly #context: Float32Array;
  #before = 0;

  constructor(context: TextContext | undefined) {
    const { rows, width, counted } = context ?? { rows: 0, width: 0, counted: [] };
    this.width = width;
    this.#rows = rows;
    this.#context = readCountedContext(counted, rows, width);
  }

  /** @param flows row-major `[rows, columns]`, the next rows, whose last columns are written */
  put(flows: Float32Array, rows: number): void {
    if (this.width === 0) return;
    const columns = flows.length / rows;
    const { width } = this;
    const context = this.#context;
    for (let row = 0; row < rows; row++) {
      const from = (this.#before + row) * width;
      const to = (row + 1) * columns - width;
      // A call of `set` takes longer than so few values.
      for (let k = 0; k < width; k++) flows[to + k] = context[from + k] as number;
    }
    this.#before += rows;
  }

  /** @throws NotPlainText where the shard had other rows when the context was counted */
  end(): void {
    if (this.width > 0 && this.#before !== this.#rows) throw new NotPlainText("rows that came or went");
  }
}
