import type { JoinedValues, ScoredValues } from "@oddflow/stream";
import type { FlowCounts, PieceOptions } from "../pipe/piece-scorer.ts";

/** What a thread that scores records begins with. */
export interface RecordThreadData {
  /** A model file's bytes. */
  readonly model: Uint8Array;
  readonly options: PieceOptions;
  /** Of a model that sees flows in their context: by which keys are made of names, `ContextEncoder.hashKey`. */
  readonly hashKey: readonly [number, number] | undefined;
}

/** Orders to a thread. Records of a model that sees flows in their context are read and then scored, others at once. */
export type RecordOrder =
  | { readonly kind: "read"; readonly records: JoinedValues }
  /** Scores the first records that were read and wait, with their flows' context, row-major. */
  | { readonly kind: "score"; readonly context: Float32Array<ArrayBuffer> };

/** Records that were scored. */
export interface ScoredRecords extends ScoredValues {
  readonly kind: "scored";
  readonly counts: FlowCounts;
}

export type RecordAnswer =
  /** What is counted for the flows' context, as `PackedContextFlows`. */
  { readonly kind: "read"; readonly contextFlows: Float64Array<ArrayBuffer> } | ScoredRecords;
