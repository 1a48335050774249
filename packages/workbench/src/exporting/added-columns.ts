import { SCORE_COLUMN } from "@oddflow/preprocessing";
import type { JudgedFlows } from "../scoring/judged-flows.ts";

const SCORES: readonly string[] = [
  SCORE_COLUMN.score,
  SCORE_COLUMN.isAnomaly,
  SCORE_COLUMN.rarity,
  SCORE_COLUMN.topColumns,
];

const RULINGS: readonly string[] = [SCORE_COLUMN.rule, SCORE_COLUMN.ruleVerdict];

/** The columns that an export adds: it has no reasons, and what rules say only where there are rules. */
export function exportedNames({ ruling }: JudgedFlows): readonly string[] {
  return ruling === undefined ? SCORES : [...SCORES, ...RULINGS];
}
