import type { ScoredBlock } from "@oddflow/inference";
import type { ColumnCoding } from "@oddflow/preprocessing";
import type { ColumnErrorMeans } from "@oddflow/report";
import { OddestFlows, type OddFlow } from "./oddest-flows.ts";

/** How many of the oddest flows a report shows. */
const ODDEST = 20;

/** The errors of a class of flows, added up. */
interface ErrorSums {
  readonly sums: Float64Array;
  flows: number;
}

/** Takes down what a report shows of flows while they are scored. */
export class ReportedFlows {
  readonly #names: readonly string[];
  readonly #isAttack: Uint8Array | undefined;
  readonly #oddest: OddestFlows;
  readonly #normal: ErrorSums;
  readonly #attack: ErrorSums;
  #flows = 0;

  /** `isAttack` has one label, 0 for normal, for each flow that is going to be added. */
  constructor(columns: readonly ColumnCoding[], isAttack: Uint8Array | undefined) {
    this.#names = columns.map(({ name }) => name);
    this.#isAttack = isAttack;
    this.#oddest = new OddestFlows(ODDEST, columns.length);
    this.#normal = { sums: new Float64Array(columns.length), flows: 0 };
    this.#attack = { sums: new Float64Array(columns.length), flows: 0 };
  }

  /**
   * Adds the next flows: `flows` and the errors are row-major `[rows, columns]`. Neither is kept. Of the oddest none is suppressed; means of errors are of
   * all.
   */
  add(
    flows: Float32Array,
    {
      score: scores,
      errors = new Float32Array(),
      rulings,
    }: Pick<ScoredBlock, "score" | "errors" | "rulings">,
  ): void {
    this.#oddest.add(this.#flows, { score: scores, ...(rulings ? { rulings } : {}) }, flows);
    const width = this.#names.length;
    for (let row = 0; row < scores.length; row++) {
      const isNormal = this.#isAttack === undefined || this.#isAttack[this.#flows + row] === 0;
      const own = isNormal ? this.#normal : this.#attack;
      own.flows++;
      for (let k = 0; k < width; k++) {
        own.sums[k] = (own.sums[k] as number) + (errors[row * width + k] as number);
      }
    }
    this.#flows += scores.length;
  }

  /** The oddest flow first; rows are counted in the order in which flows were added. */
  get oddest(): readonly OddFlow[] {
    return this.#oddest.flows;
  }

  get columnErrors(): ColumnErrorMeans {
    const means = ({ sums, flows }: ErrorSums): Float64Array => sums.map((sum) => sum / flows);
    const normal = means(this.#normal);
    return {
      names: this.#names,
      normal,
      ...(this.#isAttack === undefined ? {} : { attack: means(this.#attack) }),
    };
  }
}
