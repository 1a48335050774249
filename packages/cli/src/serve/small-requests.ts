import {
  createLocalScoring,
  type LocalScoring,
  type RecordLimits,
  type RequestScoring,
  type ScoreQuery,
} from "@oddflow/edge-service";
import type { Scorer } from "@oddflow/inference";
import type { RuleSet } from "@oddflow/rules";
import type { Turn } from "./arrival-order.ts";
import type { ServingContext } from "./serving-context.ts";

/** A few flows are scored in less time than it takes to send them to a thread and their answer back. */
const SMALL_BODY_BYTES = 4 * 1024;

export interface SmallRequestsOptions {
  /** Of this thread. */
  readonly scorer: Scorer;
  readonly limits: RecordLimits;
  readonly rules: RuleSet | undefined;
  /** Of a model that sees flows in their context. */
  readonly context: ServingContext | undefined;
}

/** Scores requests of a few flows in the thread that answers them. */
export class SmallRequests {
  readonly #scoring: LocalScoring;
  readonly #context: ServingContext | undefined;
  #running = 0;

  constructor({ scorer, limits, rules, context }: SmallRequestsOptions) {
    this.#context = context;
    this.#scoring = createLocalScoring(scorer, {
      limits,
      rules,
      gathers: true,
      context: context && { hashKey: context.encoder.hashKey },
    });
  }

  /** Whether a request is one of them, by its first bytes. Explaining takes ten times as long as scoring. */
  takes({ reasons }: ScoreQuery, bytes: Uint8Array | undefined, isLast: boolean): boolean {
    return isLast && reasons === 0 && bytes !== undefined && bytes.length <= SMALL_BODY_BYTES;
  }

  open(query: ScoreQuery): RequestScoring {
    const context = this.#context;
    let turn: Turn | undefined;
    const scoring = this.#scoring.open(
      query,
      context &&
        (async (flows) => {
          await turn?.come;
          const columns = context.count(flows);
          turn?.end();
          return columns;
        }),
    );
    return {
      score: async (bytes, isLast) => {
        turn = context?.order.take();
        this.#running++;
        try {
          return await scoring.score(bytes, isLast);
        } finally {
          this.#running--;
          turn?.end();
        }
      },
      close: () => scoring.close(),
    };
  }

  /** Has rules act on requests that come from now on. */
  changeRules(rules: RuleSet): void {
    this.#scoring.changeRules(rules);
  }

  get areDone(): boolean {
    return this.#running === 0;
  }
}
