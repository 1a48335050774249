import type { ScoredRows } from "@oddflow/preprocessing";
import type { ScoredTableOptions } from "./scored-table-writer.ts";

/** What is written of each row beside what all have. */
export interface AddedScores {
  /** How many top columns; 0 for none. */
  readonly topCount: number;
  readonly reasons: boolean;
  readonly rules: boolean;
}

export function addedScores({ top, reasons = false, rules = false }: ScoredTableOptions): AddedScores {
  return { topCount: top?.count ?? 0, reasons, rules };
}

/** Sees that a batch has for each row what it should have. @throws Error */
export function checkBatch(
  { score, isAnomaly, rarity, top, reasons, rulings }: ScoredRows,
  added: AddedScores,
): void {
  const rows = score.length;
  const topPlaces = rows * added.topCount;
  if (isAnomaly.length !== rows || rarity.length !== rows || (top?.length ?? 0) !== topPlaces) {
    throw new Error(
      `write scored table: ${rows} scores came with ${isAnomaly.length} flags, ${rarity.length} rarities and ${top?.length ?? 0} top columns, ` +
        `expected ${rows} and ${topPlaces}`,
    );
  }
  for (const [what, has, own] of [
    ["reasons", added.reasons, reasons],
    ["rulings", added.rules, rulings],
  ] as const) {
    if ((own?.length ?? 0) !== (has ? rows : 0))
      throw new Error(`write scored table: ${rows} scores came with ${own?.length ?? 0} ${what}`);
  }
}

/** Some rows of a batch, without a copy. */
export function batchRows(batch: ScoredRows, first: number, end: number): ScoredRows {
  const { score, isAnomaly, rarity, top, reasons, rulings } = batch;
  const topCount = top === undefined ? 0 : top.length / score.length;
  return {
    score: score.subarray(first, end),
    isAnomaly: isAnomaly.subarray(first, end),
    rarity: rarity.subarray(first, end),
    ...(top ? { top: top.subarray(first * topCount, end * topCount) } : {}),
    ...(reasons ? { reasons: reasons.slice(first, end) } : {}),
    ...(rulings ? { rulings: rulings.slice(first, end) } : {}),
  };
}
