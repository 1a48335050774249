import type { ScoreDistribution } from "@oddflow/detector";
import type { ColumnType } from "@oddflow/preprocessing";
import type { ValueAxis } from "@oddflow/report/look";

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

/** What the page shows of a scored table. The table itself stays with the worker. */
export interface ScoredFlows {
  readonly table: string;
  /** The sensor whose output it was taken for, in words; absent where none is known. */
  readonly takenFor?: string;
  /** What of the file is no flow, in words, and how often. */
  readonly leftOut: readonly (readonly [what: string, count: number])[];
  readonly rows: number;
  readonly columns: readonly ShownColumn[];
  /** One a row, in the table's order. */
  readonly scores: Float32Array;
  /** The rows, the oddest first; of equals the first. */
  readonly order: Uint32Array;
  /** On which the scores are drawn. */
  readonly axis: ValueAxis;
  /** When each flow was, in seconds since 1970, NaN where that is not known; absent without a time column. */
  readonly time?: { readonly column: string; readonly seconds: Float64Array };
  /** What each flow is labelled as: `names[codes[row]]`; absent without labels. */
  readonly label?: {
    readonly column: string;
    readonly names: readonly string[];
    readonly codes: Uint16Array;
  };
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
  /** In the order of `ScoredFlows.identifiers`. */
  readonly identifiers: readonly string[];
  /** The strongest reason first. */
  readonly reasons: readonly ShownReason[];
}
