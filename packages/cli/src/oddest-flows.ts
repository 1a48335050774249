import { isSuppressed, type ScoredRows } from "@oddflow/preprocessing";

type ScoresOfFlows = Pick<ScoredRows, "score" | "rulings">;

/** One of the oddest flows of a table. */
export interface OddFlow {
  /** From 0, in the table's order. */
  readonly row: number;
  readonly score: number;
  /** Encoded, one value a column. */
  readonly values: Float32Array;
}

/**
 * Keeps the `count` flows with the highest scores of all that it is shown; among equals the first. A score that is NaN counts for none,
 * and so does a flow of which a rule says that it is no alarm.
 */
export class OddestFlows {
  readonly #count: number;
  readonly #columns: number;
  #flows: OddFlow[] = [];

  constructor(count: number, columns: number) {
    this.#count = count;
    this.#columns = columns;
  }

  /** The kept flows, the oddest first. */
  get flows(): readonly OddFlow[] {
    return this.#flows;
  }

  /** Looks at the rows `firstRow` and on; `flows` is row-major `[rows, columns]`. */
  add(firstRow: number, { score: scores, rulings }: ScoresOfFlows, flows: Float32Array): void {
    if (this.#count === 0) return;
    scores.forEach((score, row) => {
      if (isSuppressed(rulings?.[row])) return;
      // No flow is odder or less odd than NaN: the first ones would stay for ever.
      if (Number.isNaN(score)) return;
      const last = this.#flows[this.#count - 1];
      if (last !== undefined && score <= last.score) return;
      const place = this.#flows.findIndex((flow) => flow.score < score);
      const values = flows.slice(row * this.#columns, (row + 1) * this.#columns);
      this.#flows.splice(place < 0 ? this.#flows.length : place, 0, { row: firstRow + row, score, values });
      this.#flows.length = Math.min(this.#flows.length, this.#count);
    });
  }
}
