/** Scores of the next rows, in the table's order. */
export interface ScoredBatch {
  /** One for each row. */
  readonly score: Float32Array;
  /** 0 or 1 for each row. */
  readonly isAnomaly: Uint8Array;
  /** The share of usual flows that score as high, 0 to 1, for each row. */
  readonly probability: Float32Array;
  /** `[rows, top.count]`, row-major: positions in `top.names`, most telling first; -1 for none. */
  readonly top?: Int16Array;
  /** JSON text or null for each row. */
  readonly reasons?: readonly (string | null)[];
}

/** Sees that a batch has for each row what it should have. @throws Error */
export function checkBatch(
  { score, isAnomaly, probability, top, reasons }: ScoredBatch,
  topCount: number,
  hasReasons: boolean,
): void {
  const rows = score.length;
  const topPlaces = rows * topCount;
  if (isAnomaly.length !== rows || probability.length !== rows || (top?.length ?? 0) !== topPlaces) {
    throw new Error(
      `write scored table: ${rows} scores came with ${isAnomaly.length} flags, ${probability.length} probabilities and ${top?.length ?? 0} top columns, ` +
        `expected ${rows} and ${topPlaces}`,
    );
  }
  if ((reasons?.length ?? 0) !== (hasReasons ? rows : 0)) {
    throw new Error(`write scored table: ${rows} scores came with ${reasons?.length ?? 0} reasons`);
  }
}

/** Some rows of a batch, without a copy. */
export function batchRows(batch: ScoredBatch, first: number, end: number): ScoredBatch {
  const { score, isAnomaly, probability, top, reasons } = batch;
  const topCount = top === undefined ? 0 : top.length / score.length;
  return {
    score: score.subarray(first, end),
    isAnomaly: isAnomaly.subarray(first, end),
    probability: probability.subarray(first, end),
    ...(top ? { top: top.subarray(first * topCount, end * topCount) } : {}),
    ...(reasons ? { reasons: reasons.slice(first, end) } : {}),
  };
}
