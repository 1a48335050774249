import { describeScorer, gatherCalls, type Scorer } from "@oddflow/inference";
import type { ContextEncoder } from "@oddflow/preprocessing";
import type { RecordLimits } from "./limits.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { createRecordEncoders } from "./record-reader.ts";
import { RecordScoring, type RecordScoringTools } from "./record-scoring.ts";
import type { Scoring } from "./scoring.ts";
import { ScoringTally } from "./scoring-counts.ts";

export interface LocalScoringOptions {
  readonly limits: RecordLimits;
  /** What a model that sees flows in their context counts with; not for another. */
  readonly context?: ContextEncoder | undefined;
  /**
   * Whether batches of several requests, which came while the model was busy, go through it together. Not on a runtime that may
   * end a request without running any more of its code: others would wait for it.
   */
  readonly gathers?: boolean;
}

/** Scores records in this thread. */
export function createLocalScoring(
  scorer: Scorer,
  { limits, context, gathers = false }: LocalScoringOptions,
): Scoring {
  const tally = new ScoringTally();
  const turns = new OneAtATime();
  const timed = timedScorer(scorer, (seconds) => tally.addBatch(seconds));
  const tools: RecordScoringTools = {
    scorer: gathers ? gatherCalls(timed) : timed,
    encoders: createRecordEncoders(scorer, context),
    limits,
    tally,
    inTurn: gathers ? (task) => task() : (task) => turns.run(task),
  };
  return {
    open: (query) => new RecordScoring(tools, query),
    // A batch of a client that has gone may still be in the model.
    idle: () => turns.run(async () => undefined),
    contextCounts: async () => context?.counts,
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
