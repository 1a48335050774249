import type { EvaluationReport } from "./evaluation-report.ts";

/** Which flows were trained on and which were tested. */
export type EvaluationParts =
  | { readonly kind: "random"; readonly flows: number }
  | {
      readonly kind: "time";
      readonly column: string;
      readonly earlierFlows: number;
      readonly laterFlows: number;
      /** In seconds, as are the tables' times. */
      readonly lastEarlier: number;
      readonly firstLater: number;
      readonly by: "gap" | "quantile";
    }
  | { readonly kind: "transfer"; readonly trainingFlows: number; readonly testedFlows: number };

/** The figures of a detector on a test part, 0 to 1; null where one of the classes is absent. */
export interface DetectionFigures {
  readonly rocAuc: number | null;
  readonly averagePrecision: number | null;
  /** Share of the attacks found where at most 5 % (1 %) of the normal flows raise alarms. */
  readonly foundAt5PercentFalseAlarms: number | null;
  readonly foundAt1PercentFalseAlarms: number | null;
  /** Share of the normal flows above the threshold that held-back flows gave for the budget. */
  readonly falseAlarmsAtBudget: number | null;
  /** Share of the attacks above that threshold. */
  readonly foundAtBudget: number | null;
}

/** What one training came to. */
export interface SeedEvaluation extends DetectionFigures {
  readonly seed: number;
  readonly trainedOn: number;
  /** Share of the attacks among the flows that were trained on. */
  readonly contamination: number;
  readonly testedOn: number;
  /** The threshold of the budget. */
  readonly threshold: number;
  /** At that threshold, the most frequent kind first; null where kinds are not known. */
  readonly attackKinds: readonly AttackKindDetection[] | null;
}

/** `name` is null for attacks of no known kind. */
export interface AttackKindDetection {
  readonly name: string | null;
  /** Attacks of this kind in a test part; over several seeds their mean number. */
  readonly attacks: number;
  /** Share of them that are found, 0 to 1; over several seeds the mean over those that tested any. */
  readonly found: number;
}

/** Over seeds. The deviation is the sample's (n - 1); null for a single seed. */
export interface MeanAndDeviation {
  readonly mean: number;
  readonly deviation: number | null;
}

/** All seeds with the same columns. */
export interface EvaluatedColumns {
  readonly features: number;
  /** Columns that were left out on purpose; none where all features were used. */
  readonly dropped: readonly string[];
  readonly seeds: readonly SeedEvaluation[];
  readonly summary: Readonly<Record<keyof DetectionFigures, MeanAndDeviation | null>>;
  /** Means over the seeds, the most frequent kind first; null where kinds are not known. */
  readonly attackKinds: readonly AttackKindDetection[] | null;
}

/** An evaluation by training anew, for every seed, on some of the flows and testing on others. Plain JSON. */
export interface RepeatedEvaluation {
  readonly parts: EvaluationParts;
  /** Share of usual flows that may raise an alarm. */
  readonly budget: number;
  /** With all features first, then without the dropped ones, if any were; on the same splits. */
  readonly columns: readonly EvaluatedColumns[];
}

/** The figures of a report whose threshold was given. */
export function detectionFigures(report: EvaluationReport): DetectionFigures {
  const { confusion, labels } = report;
  const share = (count: number | undefined, whole: number): number | null =>
    count === undefined || whole === 0 ? null : count / whole;
  return {
    rocAuc: report.rocAuc,
    averagePrecision: report.prAuc,
    foundAt5PercentFalseAlarms: report.detectionAt5PercentFalseAlarms?.detection ?? null,
    foundAt1PercentFalseAlarms: report.detectionAt1PercentFalseAlarms?.detection ?? null,
    falseAlarmsAtBudget: share(confusion?.falsePositives, labels.normal.flows),
    foundAtBudget: share(confusion?.truePositives, labels.attack.flows),
  };
}

/** Sums up at least one seed. */
export function summariseSeeds(
  features: number,
  dropped: readonly string[],
  seeds: readonly SeedEvaluation[],
): EvaluatedColumns {
  const over = (figure: keyof DetectionFigures): MeanAndDeviation | null =>
    meanAndDeviation(seeds.map((seed) => seed[figure]).filter((value) => value !== null));
  return {
    features,
    dropped,
    seeds,
    summary: {
      rocAuc: over("rocAuc"),
      averagePrecision: over("averagePrecision"),
      foundAt5PercentFalseAlarms: over("foundAt5PercentFalseAlarms"),
      foundAt1PercentFalseAlarms: over("foundAt1PercentFalseAlarms"),
      falseAlarmsAtBudget: over("falseAlarmsAtBudget"),
      foundAtBudget: over("foundAtBudget"),
    },
    attackKinds: meanAttackKinds(seeds),
  };
}

function meanAttackKinds(seeds: readonly SeedEvaluation[]): AttackKindDetection[] | null {
  const kinds = seeds.flatMap((seed) => seed.attackKinds ?? []);
  if (kinds.length === 0) return null;
  return [...new Set(kinds.map(({ name }) => name))]
    .map((name) => {
      const found = kinds.filter((kind) => kind.name === name);
      const attacks = found.reduce((sum, kind) => sum + kind.attacks, 0);
      return {
        name,
        attacks: attacks / seeds.length,
        found: found.reduce((sum, kind) => sum + kind.found, 0) / found.length,
      };
    })
    .sort((a, b) => b.attacks - a.attacks);
}

function meanAndDeviation(values: readonly number[]): MeanAndDeviation | null {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length === 1 ? null : Math.sqrt(squares / (values.length - 1)) };
}
