import type { ScoreOptions, Scorer, Scores } from "./scorer.ts";

/** A call to score encoded flows that has not had its turn. */
interface Call {
  readonly flows: Float32Array;
  readonly options: ScoreOptions | undefined;
  resolve(scores: Scores): void;
  reject(error: unknown): void;
}

/**
 * The same scorer, for calls with few flows: those that come while one is in the model go through it together, up to `batchSize`
 * flows. A call that finds it idle does not wait. What a call is given, and what it throws, is what it would have by itself.
 */
export function gatherCalls(scorer: Scorer): Scorer {
  const gathering = new CallGathering(scorer);
  return {
    ...describeScorer(scorer),
    score: (flows, options) => gathering.score(flows, options),
    explain: (flows, request) => scorer.explain(flows, request),
    close: () => scorer.close(),
  };
}

/** What is known of a scorer, without what it does: holds when it has been closed, too. */
export type ScorerDescription = Omit<Scorer, "score" | "explain" | "close">;

/** What is known of a scorer, to be kept when it is closed. */
export function describeScorer(scorer: Scorer): ScorerDescription {
  const { columns, ownColumns, context, thresholds, training, explains, provider, batchSize } = scorer;
  return { columns, ownColumns, context, thresholds, training, explains, provider, batchSize };
}

class CallGathering {
  readonly #scorer: Scorer;
  #waiting: Call[] = [];
  #isBusy = false;

  constructor(scorer: Scorer) {
    this.#scorer = scorer;
  }

  score(flows: Parameters<Scorer["score"]>[0], options?: ScoreOptions): Promise<Scores> {
    // Errors of columns are for few, and records have their own encoding.
    if (!(flows instanceof Float32Array) || options?.errors) return this.#scorer.score(flows, options);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ flows, options, resolve, reject });
      if (!this.#isBusy) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    while (this.#waiting.length > 0) {
      const calls = this.#take();
      const [first] = calls;
      if (calls.length === 1 && first !== undefined) await this.#scoreAlone(first);
      else await this.#scoreTogether(calls);
    }
    this.#isBusy = false;
  }

  /** The calls that are next, as many as make a batch; one at least. */
  #take(): Call[] {
    const most = this.#scorer.batchSize * this.#scorer.columns.length;
    let values = 0;
    let count = 0;
    for (const { flows } of this.#waiting) {
      values += flows.length;
      if (count > 0 && values > most) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #scoreAlone({ flows, options, resolve, reject }: Call): Promise<void> {
    await this.#scorer.score(flows, options).then(resolve, reject);
  }

  async #scoreTogether(calls: readonly Call[]): Promise<void> {
    const width = this.#scorer.columns.length;
    const together = new Float32Array(calls.reduce((sum, { flows }) => sum + flows.length, 0));
    let place = 0;
    for (const { flows } of calls) {
      together.set(flows, place);
      place += flows.length;
    }
    let scores: Float32Array;
    try {
      ({ scores } = await this.#scorer.score(together));
    } catch {
      // One call's flows may be at fault, and its error names a row of its own.
      for (const call of calls) await this.#scoreAlone(call);
      return;
    }
    let row = 0;
    for (const { flows, options, resolve } of calls) {
      const rows = flows.length / width;
      const own = options?.scores ?? new Float32Array(rows);
      own.set(scores.subarray(row, row + rows));
      row += rows;
      resolve({ flows: rows, scores: own });
    }
  }
}
