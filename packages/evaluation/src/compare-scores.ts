import { OddflowError } from "@oddflow/preprocessing";
import { checkScores, type ScoreArray } from "./check-scores.ts";
import type { FlowLabels } from "./labels.ts";
import { rankCorrelation } from "./rank-correlation.ts";
import { rocAuc, rocCurve } from "./roc-curve.ts";

/** One of the detector that is in use, and one of another that may take its place. */
export interface OldAndNew<T> {
  readonly old: T;
  readonly new: T;
}

/** The scores that two detectors give the same flows. */
export interface ComparedScores {
  readonly scores: OldAndNew<ScoreArray>;
  /** A flow whose score is this or more raises an alarm. */
  readonly thresholds: OldAndNew<number>;
  /** The alert budget, 0 to 1: so large a share of the flows are the oddest. */
  readonly share: number;
  readonly labels?: FlowLabels | undefined;
  /** 1 for flows that raise no alarm whatever their score, one a flow; absent where there are none. */
  readonly suppressed?: Uint8Array | undefined;
}

/** On how many flows alarms are raised. */
export interface ComparedAlarms {
  readonly flows: number;
  readonly old: number;
  readonly new: number;
  readonly both: number;
}

/** How two detectors' scores of the same flows compare. */
export interface ScoreComparison {
  readonly alarms: ComparedAlarms;
  /** Of the flows on which either raises an alarm the share, 0 to 1, on which both do; null where neither raises one. */
  readonly overlap: number | null;
  /** The flows that each finds oddest, as many as the budget is of all; flows that score as high as the last of them count, too. */
  readonly oddest: Omit<ComparedAlarms, "flows">;
  /** Spearman's; null where all scores of one detector are alike. */
  readonly rankCorrelation: number | null;
  /** Null without labels. */
  readonly labels: LabelledComparison | null;
}

/** How two detectors compare on flows whose labels are known. */
export interface LabelledComparison {
  /** Null where all flows are of one class. */
  readonly rocAuc: OldAndNew<number | null>;
  readonly normal: ComparedAlarms;
  /** By kind, the most frequent first; all attacks as one where kinds are not known. */
  readonly attacks: readonly (ComparedAlarms & { readonly name: string | null })[];
}

/**
 * Holds the scores of two detectors for the same flows beside each other.
 * @throws OddflowError FLOWS_SHAPE for a score that is no finite number, and where there is not one score of each, and one label, a flow;
 * TOO_FEW_FLOWS on no flows
 */
export function compareScores(compared: ComparedScores): ScoreComparison {
  const { scores, share, labels } = compared;
  const isAttack = labels?.isAttack ?? new Uint8Array(scores.old.length);
  if (scores.old.length !== scores.new.length) {
    throw new OddflowError(
      "FLOWS_SHAPE",
      `compare: ${scores.old.length} scores of the old model and ${scores.new.length} of the new one; expected one of each for every flow`,
    );
  }
  checkScores(scores.old, isAttack);
  checkScores(scores.new, isAttack);
  const alarms = countAlarms(compared, () => true);
  const either = alarms.old + alarms.new - alarms.both;
  const count = Math.max(1, Math.round(share * alarms.flows));
  const least = { old: countedFromTop(scores.old, count), new: countedFromTop(scores.new, count) };
  const { flows: _, ...oddest } = countAlarms({ scores, thresholds: least }, () => true);
  return {
    alarms,
    overlap: either === 0 ? null : alarms.both / either,
    oddest,
    rankCorrelation: rankCorrelation(scores.old, scores.new),
    labels: labels === undefined ? null : compareByLabels(compared, labels),
  };
}

function countAlarms(
  { scores, thresholds, suppressed }: Pick<ComparedScores, "scores" | "thresholds" | "suppressed">,
  counts: (row: number) => boolean,
): ComparedAlarms {
  let [flows, ofOld, ofNew, both] = [0, 0, 0, 0];
  for (let row = 0; row < scores.old.length; row++) {
    if (!counts(row)) continue;
    flows++;
    if (suppressed?.[row] === 1) continue;
    const isOld = (scores.old[row] as number) >= thresholds.old;
    const isNew = (scores.new[row] as number) >= thresholds.new;
    ofOld += Number(isOld);
    ofNew += Number(isNew);
    both += Number(isOld && isNew);
  }
  return { flows, old: ofOld, new: ofNew, both };
}

/** The score of the `count`th oddest flow. */
function countedFromTop(scores: ScoreArray, count: number): number {
  const sorted = scores.slice().sort();
  return sorted[sorted.length - count] as number;
}

function compareByLabels(
  compared: ComparedScores,
  { isAttack, attackTypes }: FlowLabels,
): LabelledComparison {
  const { scores } = compared;
  const area = (of: ScoreArray): number | null => {
    const value = rocAuc(rocCurve(of, isAttack));
    return Number.isNaN(value) ? null : value;
  };
  const kindOf = (row: number): string | null => attackTypes?.names[attackTypes.codes[row] ?? -1] ?? null;
  const rows = new Map<string | null, number>();
  for (let row = 0; row < isAttack.length; row++) {
    if (isAttack[row] !== 0) rows.set(kindOf(row), (rows.get(kindOf(row)) ?? 0) + 1);
  }
  const kinds = [...rows].sort(([, one], [, other]) => other - one);
  return {
    rocAuc: { old: area(scores.old), new: area(scores.new) },
    normal: countAlarms(compared, (row) => isAttack[row] === 0),
    attacks: kinds.map(([name]) => ({
      name: attackTypes === undefined ? "attack" : name,
      ...countAlarms(compared, (row) => isAttack[row] !== 0 && kindOf(row) === name),
    })),
  };
}
