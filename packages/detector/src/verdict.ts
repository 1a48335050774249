/** Which scores are those of anomalies. */
export class Verdict {
  readonly threshold: number;

  /** @param threshold the score from which on a flow is an anomaly */
  constructor(threshold: number) {
    this.threshold = threshold;
  }

  isAnomaly(score: number): boolean {
    return score >= this.threshold;
  }
}
