import type { EvaluationReport } from "@oddflow/evaluation";
import type { ColumnCoding } from "@oddflow/preprocessing";

/** All that a report shows. Whatever is absent, empty or not known is left out of the page. */
export interface ReportData {
  /** What the page is about, such as "model.onnx on flows.parquet". */
  readonly title: string;
  /** What stands under the title, such as `["Seed", "1"]`. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** One score per flow, higher is odder. Those that are not finite are left out. */
  readonly scores: Float32Array;
  /** One per score: 1 for a flow whose alarm rules take away; absent where there are no rules. */
  readonly suppressed?: Uint8Array;
  /** When each flow was, in seconds since 1970; NaN where it is not known. */
  readonly times?: Float64Array;
  readonly labels?: {
    /** One per score: 0 is normal, anything else an attack. */
    readonly isAttack: Uint8Array;
    /** Of the same scores, by the same labels. */
    readonly evaluation: EvaluationReport;
  };
  /** The threshold in use first. */
  readonly thresholds: readonly ReportThreshold[];
  readonly losses?: readonly NetworkLosses[];
  readonly columnErrors?: ColumnErrorMeans;
  /** The oddest first. */
  readonly oddest?: readonly ReportFlow[];
  /** As in the model file; lists of numbers are shortened, and what `losses` shows is left out. */
  readonly training?: Readonly<Record<string, unknown>>;
  /** What the model looks at. */
  readonly columns?: readonly ColumnCoding[];
}

/** A score from which on a flow is an anomaly. */
export interface ReportThreshold {
  /** A few words, such as "budget 1 %". */
  readonly name: string;
  /** Infinity, which no score reaches, is left out of the figures. */
  readonly value: number;
  /** The share of usual flows, 0 to 1, that it is meant to flag; absent where it was chosen otherwise. */
  readonly budget?: number;
}

/** Of one of the networks that a detector is made of. */
export interface NetworkLosses {
  /** What it was trained on, in a few words. */
  readonly name: string;
  /** From the first on. */
  readonly epochs: readonly EpochLoss[];
}

/** Mean losses a flow after one epoch. */
export interface EpochLoss {
  readonly trainLoss: number;
  readonly validationLoss: number;
}

/** Mean error of each column over the flows of a class; NaN where the class has no flow. */
export interface ColumnErrorMeans {
  readonly names: readonly string[];
  /** Of normal flows, or of all flows when there are no labels. */
  readonly normal: Float64Array;
  /** Absent without labels. */
  readonly attack?: Float64Array;
}

/** One of the oddest flows. */
export interface ReportFlow {
  /** In the table, counted from 1. */
  readonly row: number;
  readonly score: number;
  /** The share of usual flows, 0 to 1, that score as high. */
  readonly rarity?: number;
  /** What the label says, such as "normal" or the name of an attack; absent without labels. */
  readonly label?: string;
  /** Why it is odd, in words; the strongest reason first. */
  readonly reasons: readonly string[];
}
