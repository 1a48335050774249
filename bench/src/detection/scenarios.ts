import type { TrainingWindow } from "@oddflow/trainer";

/** What the training window of a case has in it. */
export interface Scenario {
  /** Stands behind the table's name: `unsw-5-bulk`. */
  readonly name: string;
  readonly title: string;
  readonly contamination: number;
  readonly mix: TrainingWindow["mix"];
}

export const CLEAN: Scenario = { name: "0", title: "no attacks", contamination: 0, mix: "random" };

export const SCENARIOS: readonly Scenario[] = [
  CLEAN,
  { name: "5", title: "5 % attacks at random", contamination: 0.05, mix: "random" },
  {
    name: "5-bulk",
    title: "5 % attacks in bulk, one kind from few sources",
    contamination: 0.05,
    mix: "bulk",
  },
  { name: "20", title: "20 % attacks at random", contamination: 0.2, mix: "random" },
];

/** The scenarios whose loss against clean training flows is held to a target. */
export const HELD_TO_LOSS: readonly string[] = ["5", "5-bulk"];
