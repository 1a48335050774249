import { type ScoreDistribution, scoreRarity } from "@oddflow/detector";
import type { OldAndNew } from "@oddflow/evaluation";
import { type BudgetBasis, type ThresholdSetting, thresholdOf } from "../choosing/alarms.ts";

/** What a budget comes to with two models. */
export interface ComparedBudget {
  readonly thresholds: OldAndNew<number>;
  /** The share of flows, 0 to 1, that it means. */
  readonly share: number;
}

/**
 * Gives two models the same budget. A score that somebody chose on the old one is for the new one what as few usual flows reach.
 * @param bases of each model
 */
export function compareAtBudget(budget: ThresholdSetting, bases: OldAndNew<BudgetBasis>): ComparedBudget {
  const old = thresholdOf(budget, bases.old);
  const share = "share" in budget ? budget.share : rarityOf(bases.old.heldBack, old);
  const same: ThresholdSetting = budget.kind === "score" ? { kind: "share", share } : budget;
  return { thresholds: { old, new: thresholdOf(same, bases.new) }, share };
}

function rarityOf(heldBack: ScoreDistribution, score: number): number {
  return Math.min(1, Math.max(0, scoreRarity(heldBack, score)));
}
