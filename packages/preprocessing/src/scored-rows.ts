/** Names of the columns that scoring adds to a flow's own, in every form of scored flows, in their order. */
export const SCORE_COLUMN = {
  score: "score",
  isAnomaly: "is_anomaly",
  rarity: "probability",
  topColumns: "top_columns",
  reasons: "reasons",
  rule: "alarm_rule",
  ruleVerdict: "alarm_verdict",
} as const;

/** All of them. */
export const SCORE_COLUMNS: readonly string[] = Object.values(SCORE_COLUMN);

/** What a rule may say of an alarm: "benign" and "wrong" take it away, "escalate" keeps and marks it. */
export const RULE_VERDICTS = ["benign", "wrong", "escalate"] as const;

/** One of them. */
export type RuleVerdict = (typeof RULE_VERDICTS)[number];

/** Those that take an alarm away. */
export const SUPPRESSING_VERDICTS: readonly RuleVerdict[] = ["benign", "wrong"];

/** What a rule says of a flow. */
export interface Ruling {
  /** The rule's id: letters, digits, - _ and . */
  readonly rule: string;
  readonly verdict: RuleVerdict;
}

/** Whether a flow is no alarm any more. */
export function isSuppressed(ruling: Ruling | null | undefined): boolean {
  return ruling != null && SUPPRESSING_VERDICTS.includes(ruling.verdict);
}

/** Texts that say yes where a flow's `is_anomaly` is text, in small letters. */
export const TRUE_TEXTS: readonly string[] = ["true", "t", "1"];

/** What a scored table says of a flow. */
export interface WasScored {
  readonly isAnomaly: boolean;
  /** Whether it was an alarm before any rule. */
  readonly isOdd: boolean;
}

/**
 * Whether a flow of a scored table is an alarm, and was one before any rule.
 * @param flag the flow's `is_anomaly`
 * @param verdict its `alarm_verdict`, if there is one
 */
export function wasScored(flag: unknown, verdict: unknown): WasScored {
  const isAnomaly = TRUE_TEXTS.includes(String(flag).toLowerCase());
  return { isAnomaly, isOdd: isAnomaly || (SUPPRESSING_VERDICTS as readonly unknown[]).includes(verdict) };
}

/** How many alarms each rule takes away, by its id. */
export function countSuppressed(rulings: readonly (Ruling | null)[] = []): Map<string, number> {
  const counts = new Map<string, number>();
  for (const ruling of rulings) {
    if (ruling !== null && isSuppressed(ruling)) counts.set(ruling.rule, (counts.get(ruling.rule) ?? 0) + 1);
  }
  return counts;
}

/** Scores of some flows that follow each other, and what they mean: a place of each list for a flow. */
export interface ScoredRows {
  /** Higher is odder. */
  readonly score: Float32Array;
  /** 1 for an anomaly, 0 for none; 0 where a rule takes the alarm away. */
  readonly isAnomaly: Uint8Array;
  /** The share of usual flows that score as high, 0 to 1. */
  readonly rarity: Float64Array;
  /** `[rows, top]`, row-major: the model's columns with the largest errors, by their places, most telling first; -1 for none. */
  readonly top?: Int16Array;
  /** JSON text of an anomaly's reasons, null for a flow that is none. Where a rule takes the alarm away they stay. */
  readonly reasons?: readonly (string | null)[];
  /** Where there are rules: what the one that decided says, null where none is about the flow. */
  readonly rulings?: readonly (Ruling | null)[];
}
