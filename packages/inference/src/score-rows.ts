import type { Verdict } from "@oddflow/detector";
import { type FlowRecord, isSuppressed, type Ruling, type ScoredRows } from "@oddflow/preprocessing";
import { anomalyReasons } from "./anomaly-reasons.ts";
import type { Scorer } from "./scorer.ts";
import { topColumns } from "./top-columns.ts";

/** Flows to score together. */
export interface FlowBlock {
  /** Row-major `[rows, columns]`, encoded by the model's columns. */
  readonly flows: Float32Array;
  /** What a row was encoded from, where that is at hand: reasons show it. */
  record?(row: number): FlowRecord;
  /** What rules say of a row; absent where there are none. It is asked for anomalies alone. */
  ruling?(row: number): Ruling | undefined;
}

/** What to say of flows beside their scores. */
export interface ScoreRowsOptions {
  /** How many columns to name for each flow; 0 for none, which is what an absent one means. */
  readonly top?: number;
  /** How many reasons to give for each anomaly; 0 for none, which is what an absent one means. */
  readonly reasons?: number;
  /** Whether the columns' errors are wanted. */
  readonly errors?: boolean;
  /** The first row's number where the flows came from, from 0; 0 where it is absent. */
  readonly firstRow?: number;
}

/** A block's scores. All arrays are used again for the next block. */
export interface ScoredBlock<Block extends FlowBlock = FlowBlock> extends ScoredRows {
  readonly block: Block;
  /** Its first row's number where the flows came from. */
  readonly firstRow: number;
  /** Those that no rule takes away. */
  readonly anomalies: number;
  /** Row-major `[rows, columns]`; present where they, or the top columns, were asked for. */
  readonly errors?: Float32Array;
}

/**
 * Scores flows a block at a time, in their order: the one loop that makes scores into verdicts, top columns and reasons.
 * @throws what the source and `Scorer.score` throw; what `Scorer.explain` throws, where reasons are asked for.
 */
export async function* scoreRows<Block extends FlowBlock>(
  source: AsyncIterable<Block> | Iterable<Block>,
  scorer: Scorer,
  verdict: Verdict,
  options: ScoreRowsOptions = {},
): AsyncGenerator<ScoredBlock<Block>, void, undefined> {
  const rows = new RowScorer(scorer, verdict, options);
  for await (const block of source) yield await rows.score(block);
}

/** Scores blocks that do not come out of one source. */
export class RowScorer {
  readonly #scorer: Scorer;
  readonly #verdict: Verdict;
  readonly #options: ScoreRowsOptions;
  #firstRow: number;
  #room = 0;
  #score = new Float32Array();
  #isAnomaly = new Uint8Array();
  /** Also where a rule takes the alarm away. */
  #isOdd = new Uint8Array();
  #rarity = new Float64Array();
  #errors = new Float32Array();
  #top = new Int16Array();

  constructor(scorer: Scorer, verdict: Verdict, options: ScoreRowsOptions = {}) {
    this.#scorer = scorer;
    this.#verdict = verdict;
    this.#options = options;
    this.#firstRow = options.firstRow ?? 0;
  }

  /** As `scoreRows`, for the next block. */
  async score<Block extends FlowBlock>(block: Block): Promise<ScoredBlock<Block>> {
    const { top = 0, reasons = 0 } = this.#options;
    const scorer = this.#scorer;
    const width = scorer.columns.length;
    const rows = block.flows.length / width;
    const firstRow = this.#firstRow;
    const hasErrors = top > 0 || this.#options.errors === true;
    this.#makeRoom(rows, hasErrors ? width : 0, top);
    await scorer.score(block.flows, {
      scores: this.#score,
      firstRow,
      ...(hasErrors ? { errors: this.#errors } : {}),
    });
    const odd = this.#judge(rows);
    const rulings = block.ruling && this.#rule(rows, (row) => block.ruling?.(row));
    const suppressed = rulings?.reduce((sum, ruling) => sum + Number(isSuppressed(ruling)), 0) ?? 0;
    const errors = this.#errors.subarray(0, rows * width);
    const named = this.#top.subarray(0, rows * top);
    if (top > 0) topColumns(errors, width, top, named);
    this.#firstRow += rows;
    return {
      block,
      firstRow,
      anomalies: odd - suppressed,
      score: this.#score.subarray(0, rows),
      isAnomaly: this.#isAnomaly.subarray(0, rows),
      rarity: this.#rarity.subarray(0, rows),
      ...(hasErrors ? { errors } : {}),
      ...(top > 0 ? { top: named } : {}),
      ...(reasons > 0 ? { reasons: await this.#reasonTexts(block, reasons) } : {}),
      ...(rulings === undefined ? {} : { rulings }),
    };
  }

  /** Gives the next block's first row its number where the flows came from. */
  goTo(row: number): void {
    this.#firstRow = row;
  }

  /** @returns how many are anomalies */
  #judge(rows: number): number {
    const { thresholds } = this.#scorer;
    let anomalies = 0;
    for (let row = 0; row < rows; row++) {
      const score = this.#score[row] as number;
      const isAnomaly = this.#verdict.isAnomaly(score) ? 1 : 0;
      this.#isAnomaly[row] = isAnomaly;
      this.#isOdd[row] = isAnomaly;
      this.#rarity[row] = thresholds.rarityOf(score);
      anomalies += isAnomaly;
    }
    return anomalies;
  }

  /** What rules say of anomalies, of which those that are suppressed are none any more. */
  #rule(rows: number, ruling: (row: number) => Ruling | undefined): (Ruling | null)[] {
    const rulings = new Array<Ruling | null>(rows).fill(null);
    for (let row = 0; row < rows; row++) {
      if (this.#isOdd[row] !== 1) continue;
      const own = ruling(row) ?? null;
      rulings[row] = own;
      if (isSuppressed(own)) this.#isAnomaly[row] = 0;
    }
    return rulings;
  }

  async #reasonTexts(block: FlowBlock, count: number): Promise<(string | null)[]> {
    const isOdd = (row: number): boolean => this.#isOdd[row] === 1;
    const record = block.record && ((row: number): FlowRecord => block.record?.(row) ?? {});
    const reasons = await anomalyReasons(this.#scorer, block.flows, isOdd, count, record);
    return reasons.map((own) => own && JSON.stringify(own));
  }

  #makeRoom(rows: number, width: number, top: number): void {
    if (rows <= this.#room) return;
    this.#room = rows;
    this.#score = new Float32Array(rows);
    this.#isAnomaly = new Uint8Array(rows);
    this.#isOdd = new Uint8Array(rows);
    this.#rarity = new Float64Array(rows);
    this.#errors = new Float32Array(rows * width);
    this.#top = new Int16Array(rows * top);
  }
}
