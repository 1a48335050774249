import type { ScoreArray } from "./check-scores.ts";
import { type ConfusionMatrix, confusionMatrix } from "./classification.ts";
import { alignedLines, formatPercent, printableName } from "./text-table.ts";

const NAME_WIDTH = 40;

/** A score from which on a flow is an anomaly, and what it is called. */
export interface NamedThreshold {
  readonly name: string;
  readonly value: number;
}

/** What a threshold makes of labelled flows, and what rules leave of it. */
export interface RuledAlarms {
  readonly name: string;
  /** Null stands for Infinity. */
  readonly threshold: number | null;
  readonly withoutRules: ConfusionMatrix;
  readonly withRules: ConfusionMatrix;
}

/**
 * What thresholds make of labelled flows, without and with rules.
 * @param suppressed one per flow: 1 where rules take the alarm away
 */
export function ruledAlarms(
  { scores, isAttack, suppressed }: { scores: ScoreArray; isAttack: Uint8Array; suppressed: Uint8Array },
  thresholds: readonly NamedThreshold[],
): RuledAlarms[] {
  return thresholds.map(({ name, value }) => ({
    name,
    threshold: value === Number.POSITIVE_INFINITY ? null : value,
    withoutRules: confusionMatrix(scores, isAttack, value),
    withRules: confusionMatrix(scores, isAttack, value, suppressed),
  }));
}

/** As text for a terminal, no newline at the end. */
export function formatRuledAlarms(ruled: readonly RuledAlarms[]): string {
  const of = (part: number, rest: number): string =>
    part + rest === 0 ? "-" : formatPercent(part / (part + rest));
  const cells = (own: ConfusionMatrix): string[] => [
    of(own.falsePositives, own.trueNegatives),
    of(own.truePositives, own.falseNegatives),
  ];
  return [
    "With rules, and without",
    ...alignedLines([
      ["", "false alarms", "found", "without: false alarms", "found"],
      ...ruled.map(({ name, withRules, withoutRules }) => [
        printableName(name, NAME_WIDTH),
        ...cells(withRules),
        ...cells(withoutRules),
      ]),
    ]),
    "Ranking, and detection at a limit of false alarms, are of scores, which rules leave alone.",
  ].join("\n");
}
