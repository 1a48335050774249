import { describeScorer, gatherCalls, type Scorer } from "@oddflow/inference";
import type { ContextCounts } from "@oddflow/preprocessing";
import { RecordRules, type RuleSet } from "@oddflow/rules";
import type { ContextCounting } from "./context-counting.ts";
import type { RecordLimits } from "./limits.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { createRecordEncoders } from "./record-reader.ts";
import { RecordScoring, type RecordScoringTools } from "./record-scoring.ts";
import type { ScoreQuery } from "./score-request.ts";
import type { RequestScoring, Scoring } from "./scoring.ts";
import { ScoringTally } from "./scoring-counts.ts";

/** What scoring in this thread needs beside the scorer. */
export interface LocalScoringOptions {
  readonly limits: RecordLimits;
  /** Of a model that sees flows in their context; without `count` where each request is opened with one. */
  readonly context?: (Pick<ContextCounting, "hashKey"> & Partial<ContextCounting>) | undefined;
  /** What is said of alarms; absent where there are no rules. */
  readonly rules?: RuleSet | undefined;
  /** What it has met. */
  readonly counts?: Readonly<ContextCounts> | undefined;
  /**
   * Whether batches of several requests, which came while the model was busy, go through it together. Not on a runtime that may
   * end a request without running any more of its code: others would wait for it.
   */
  readonly gathers?: boolean;
}

/** Scoring in this thread, with rules that can be changed. */
export interface LocalScoring extends Scoring {
  /** Has rules act on requests that are opened from now on; those before keep theirs. */
  changeRules(rules: RuleSet): void;
  /** @param count in place of the context's own, for this request */
  open(query: ScoreQuery, count?: ContextCounting["count"]): RequestScoring;
}

/** Scores records in this thread. */
export function createLocalScoring(
  scorer: Scorer,
  { limits, context, counts, rules: first, gathers = false }: LocalScoringOptions,
): LocalScoring {
  const tally = new ScoringTally();
  const turns = new OneAtATime();
  const timed = timedScorer(scorer, (seconds) => tally.addBatch(seconds));
  let rules = first && new RecordRules(first);
  const tools: Omit<RecordScoringTools, "countContext" | "rules"> = {
    scorer: gathers ? gatherCalls(timed) : timed,
    encoders: createRecordEncoders(scorer, context?.hashKey),
    limits,
    tally,
    inTurn: gathers ? (task) => task() : (task) => turns.run(task),
  };
  return {
    open: (query, count) =>
      new RecordScoring({ ...tools, rules, countContext: context && (count ?? context.count) }, query),
    changeRules(next) {
      rules = new RecordRules(next);
    },
    // A batch of a client that has gone may still be in the model.
    idle: () => turns.run(async () => undefined),
    contextCounts: async () => counts,
  };
}

/** The same scorer; tells how long each call took. */
function timedScorer(scorer: Scorer, onScored: (seconds: number) => void): Scorer {
  return {
    ...describeScorer(scorer),
    async score(flows, options) {
      const began = performance.now();
      const scores = await scorer.score(flows, options);
      onScored((performance.now() - began) / 1000);
      return scores;
    },
    explain: (flows, request) => scorer.explain(flows, request),
    close: () => scorer.close(),
  };
}
