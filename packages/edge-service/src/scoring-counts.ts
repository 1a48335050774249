import type { ScoredBlock } from "@oddflow/inference";
import { countSuppressed, type EncodeReport } from "@oddflow/preprocessing";

/** What was counted while records were scored. */
export interface ScoringCounts {
  readonly flows: number;
  /** Without those that rules take away. */
  readonly alerts: number;
  /** How many alarms each rule took away, by its id. */
  readonly suppressed: ReadonlyMap<string, number>;
  readonly missing: number;
  /** By column. */
  readonly unseen: ReadonlyMap<string, number>;
  /** Records that were not scored, by code. */
  readonly rejected: ReadonlyMap<string, number>;
  /** How long each batch took in the model. */
  readonly batchSeconds: readonly number[];
}

/** Counts, until somebody takes what was counted. */
export class ScoringTally {
  #counts = noCounts();

  addScored(
    { score, anomalies, rulings }: Pick<ScoredBlock, "score" | "anomalies" | "rulings">,
    report: EncodeReport,
  ): void {
    this.#counts.flows += score.length;
    this.#counts.alerts += anomalies;
    for (const [rule, count] of countSuppressed(rulings)) addTo(this.#counts.suppressed, rule, count);
    this.#counts.missing += report.missing;
    for (const [column, count] of report.unseen) addTo(this.#counts.unseen, column, count);
  }

  addRejected(code: string): void {
    addTo(this.#counts.rejected, code, 1);
  }

  addBatch(seconds: number): void {
    this.#counts.batchSeconds.push(seconds);
  }

  /** What was counted since this was called last. */
  take(): ScoringCounts {
    const counts = this.#counts;
    this.#counts = noCounts();
    return counts;
  }
}

function noCounts() {
  return {
    flows: 0,
    alerts: 0,
    suppressed: new Map<string, number>(),
    missing: 0,
    unseen: new Map<string, number>(),
    rejected: new Map<string, number>(),
    batchSeconds: [] as number[],
  };
}

function addTo(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
