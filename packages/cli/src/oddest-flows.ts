import type { ColumnCoding } from "@oddflow/preprocessing";

/** Why a flow is odd: a column, what the flow has there, and how much of the flow's error is the column's. */
export interface OddColumn {
  readonly name: string;
  /** As text; "missing" where there is no value, "unseen" for a category that the model does not know. */
  readonly value: string;
  /** 0 to 1. */
  readonly share: number;
}

/** One of the oddest flows of a table. */
export interface OddFlow {
  /** From 0, in the table's order. */
  readonly row: number;
  readonly score: number;
  /** The column with the largest error first. */
  readonly because: readonly OddColumn[];
}

/** Rows of a table with what scoring made of them; all row-major. */
export interface ScoredRows {
  readonly scores: Float32Array;
  /** `[rows, columns]`, encoded. */
  readonly flows: Float32Array;
  /** `[rows, columns]` */
  readonly errors: Float32Array;
  /** `[rows, topCount]` column numbers, -1 for none. */
  readonly top: Int16Array;
  readonly topCount: number;
}

/** Keeps the `count` flows with the highest scores of all that it is shown; among equals the first. */
export class OddestFlows {
  readonly #count: number;
  readonly #columns: readonly ColumnCoding[];
  #flows: OddFlow[] = [];

  constructor(count: number, columns: readonly ColumnCoding[]) {
    this.#count = count;
    this.#columns = columns;
  }

  /** The kept flows, the oddest first. */
  get flows(): readonly OddFlow[] {
    return this.#flows;
  }

  /** Looks at the rows `firstRow` and on. */
  add(firstRow: number, rows: ScoredRows): void {
    rows.scores.forEach((score, row) => {
      const last = this.#flows[this.#count - 1];
      if (this.#count === 0 || (last !== undefined && score <= last.score)) return;
      const place = this.#flows.findIndex((flow) => flow.score < score);
      const flow = { row: firstRow + row, score, because: this.#reasons(row, score, rows) };
      this.#flows.splice(place < 0 ? this.#flows.length : place, 0, flow);
      this.#flows.length = Math.min(this.#flows.length, this.#count);
    });
  }

  #reasons(row: number, score: number, { flows, errors, top, topCount }: ScoredRows): OddColumn[] {
    const width = this.#columns.length;
    // The score is the mean of the columns' errors.
    const sum = score * width || 1;
    const reasons: OddColumn[] = [];
    for (const k of top.subarray(row * topCount, (row + 1) * topCount)) {
      const column = this.#columns[k];
      if (column === undefined) continue;
      const value = valueText(column, flows[row * width + k] as number);
      reasons.push({ name: column.name, value, share: (errors[row * width + k] as number) / sum });
    }
    return reasons;
  }
}

function valueText(column: ColumnCoding, code: number): string {
  if (!Number.isFinite(code)) return "missing";
  if (column.kind === "category") return column.vocabulary[code] ?? "unseen";
  return code.toLocaleString("en-US", { maximumSignificantDigits: 6 });
}
