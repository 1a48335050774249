import type { ScoredRows } from "@oddflow/preprocessing";

/** Sees that a batch has for each row what it should have. @throws Error */
export function checkBatch(
  { score, isAnomaly, rarity, top, reasons }: ScoredRows,
  topCount: number,
  hasReasons: boolean,
): void {
  const rows = score.length;
  const topPlaces = rows * topCount;
  if (isAnomaly.length !== rows || rarity.length !== rows || (top?.length ?? 0) !== topPlaces) {
    throw new Error(
      `write scored table: ${rows} scores came with ${isAnomaly.length} flags, ${rarity.length} rarities and ${top?.length ?? 0} top columns, ` +
        `expected ${rows} and ${topPlaces}`,
    );
  }
  if ((reasons?.length ?? 0) !== (hasReasons ? rows : 0)) {
    throw new Error(`write scored table: ${rows} scores came with ${reasons?.length ?? 0} reasons`);
  }
}

/** Some rows of a batch, without a copy. */
export function batchRows(batch: ScoredRows, first: number, end: number): ScoredRows {
  const { score, isAnomaly, rarity, top, reasons } = batch;
  const topCount = top === undefined ? 0 : top.length / score.length;
  return {
    score: score.subarray(first, end),
    isAnomaly: isAnomaly.subarray(first, end),
    rarity: rarity.subarray(first, end),
    ...(top ? { top: top.subarray(first * topCount, end * topCount) } : {}),
    ...(reasons ? { reasons: reasons.slice(first, end) } : {}),
  };
}
