import type { ColumnRole, RoleSource } from "@oddflow/preprocessing";
import type { DetectorOptions, EngineChoice, FlowSelection } from "@oddflow/trainer";

/** "off", or the column that keeps networks apart, undefined where the table is of one. */
export type ContextChoice = "off" | { readonly network: string | undefined };

/** Which detector is made of which flows and columns, and what takes the steps. The same plan makes the same detector. */
export interface DetectorPlan {
  readonly roles: RoleSource;
  /** What the user says of columns, by name. */
  readonly ownRoles: ReadonlyMap<string, ColumnRole>;
  /** Patterns of the labels that are normal; none where the usual words tell them. */
  readonly normal: readonly string[];
  /** Whether flows are seen in their context, where the table has what that needs. */
  readonly context: ContextChoice;
  /** Whether scores are held against what is usual at their hour of the week, where the table spans two weeks. */
  readonly calendar: boolean;
  readonly flows: FlowSelection;
  readonly detector: DetectorOptions;
  readonly engine: EngineChoice;
}

/** What a run of training is asked for. */
export interface TrainingPlan extends DetectorPlan {
  /** Files or globs. */
  readonly files: readonly string[];
  /** What the files hold, as `SOURCE_FORMATS` has it; undefined where they are to tell. */
  readonly from: string | undefined;
  readonly seed: number;
  /** The model's file. */
  readonly out: string;
  /** A page to write with figures of the test part. */
  readonly report: string | undefined;
  /** A file of rules whose alarms the report leaves out. */
  readonly rules: string | undefined;
  /** Whether the result is printed as JSON. */
  readonly json: boolean;
}

/** What an evaluation by training anew is asked for. */
export interface RepeatedTrainingPlan extends DetectorPlan {
  /** Files or globs of the table that is tested, all of it or a part. */
  readonly files: readonly string[];
  readonly from: string | undefined;
  /** A table of its own to train on; undefined where the tested one is split. */
  readonly trainingFile: string | undefined;
  readonly split: "random" | "time";
  /** Of times, for a split by time; undefined where it is found by its name. */
  readonly timeColumn: string | undefined;
  readonly seeds: number;
  /** Columns to train with and without; undefined for those that are known to give labels away. */
  readonly drop: readonly string[] | undefined;
  /** Share of usual flows that may raise an alarm; undefined for the default. */
  readonly budget: number | undefined;
  readonly json: boolean;
}
