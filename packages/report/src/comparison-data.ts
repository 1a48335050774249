import type { OldAndNew, ScoreComparison } from "@oddflow/evaluation";

/** All that a page on two models shows. */
export interface ComparisonData {
  readonly title: string;
  /** What stands under the title. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly comparison: ScoreComparison;
  /** Of each flow, in their order: the share of a model's usual flows, 0 to 1, that score as high. */
  readonly rarities: OldAndNew<Float32Array>;
  /** The alert budget, 0 to 1. */
  readonly share: number;
  /** Flows on which one model alone raises an alarm, by that model. */
  readonly changed: OldAndNew<readonly ComparedFlow[]>;
}

/** A flow on which two models differ. */
export interface ComparedFlow {
  /** In the table, counted from 1. */
  readonly row: number;
  readonly rarities: OldAndNew<number>;
  /** Why it is odd to the model that raises the alarm, in words; the strongest reason first. */
  readonly reasons: readonly string[];
}
