import type { ScoreDistribution } from "@oddflow/detector";
import type { ColumnType, Ruling } from "@oddflow/preprocessing";
import type { ValueAxis } from "@oddflow/report/look";
import type { TimeBins } from "../charts/time-bins.ts";
import type { FlowRate } from "../choosing/alarms.ts";

/** A column, as the page speaks of it. */
interface ShownColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether the model scores it. */
  readonly isScored: boolean;
}

/** What is known of the model that scored. */
interface ShownModel {
  readonly name: string;
  /** The scores of the usual flows that were held back in training; thresholds are read from them. */
  readonly heldBack: ScoreDistribution;
  /** How many columns it scores. */
  readonly columns: number;
  /** Whether it tells what it expects of a flow. */
  readonly explains: boolean;
  /** The patterns that named the normal labels in its training; empty where the usual words did. */
  readonly normals: readonly string[];
}

/** What the page shows of a scored table. The table stays with the worker, and so does whatever has a value for each row. */
export interface ScoredFlows {
  readonly table: string;
  /** The sensor whose output it was taken for, in words; absent where none is known. */
  readonly takenFor?: string;
  /** What of the file is no flow, in words, and how often. */
  readonly leftOut: readonly (readonly [what: string, count: number])[];
  readonly rows: number;
  readonly columns: readonly ShownColumn[];
  /** On which the scores are drawn. */
  readonly axis: ValueAxis;
  /** The scores of the last of the oddest flows, by their share of the table (0 to 1): of each that a budget can ask for. */
  readonly oddest: ReadonlyMap<number, number>;
  /** Absent without a time column. */
  readonly time?: {
    readonly column: string;
    /** The stretches in which flows are counted. */
    readonly bins: TimeBins;
    /** Absent where no time passes. */
    readonly rate?: FlowRate;
  };
  /** The column of the labels, and what they are; absent without labels. */
  readonly label?: { readonly column: string; readonly names: readonly string[] };
  /** Columns that say who talked to whom: addresses, ports. */
  readonly identifiers: readonly string[];
  readonly model: ShownModel;
  /** Values that were absent or not finite, and values by column that the model's vocabulary lacks. */
  readonly missing: number;
  readonly unseen: readonly (readonly [column: string, count: number])[];
  readonly provider: string;
  /** How long it took to read the table and to score it. */
  readonly readMs: number;
  readonly scoreMs: number;
}

/** Why a flow is odd: one column, in words, and its share (0 to 1) of the flow's score. */
export interface ShownReason {
  readonly column: string;
  readonly share: number;
  readonly text: string;
}

/** A row of the table of flows. */
export interface ShownFlow {
  /** From 0, in the table's order. */
  readonly row: number;
  readonly score: number;
  /** When it was, in seconds since 1970; NaN where that is not known. */
  readonly seconds: number;
  /** What it is labelled as; empty without a label. */
  readonly label: string;
  /** In the order of `ScoredFlows.identifiers`. */
  readonly identifiers: readonly string[];
  /** The strongest reason first. */
  readonly reasons: readonly ShownReason[];
  /** What the rule says that is about it, whether it is odd or not; null where none is. */
  readonly ruling: Ruling | null;
}

/** All there is to say of one row. */
export interface FlowDetails {
  readonly reasons: readonly ShownReason[];
  /** Every column, as name and text. */
  readonly cells: readonly (readonly [string, string])[];
}
