import type { FlowCounts, PieceOptions } from "../pipe/piece-scorer.ts";

/** What a thread that scores records begins with. */
export interface RecordThreadData {
  /** A model file's bytes. */
  readonly model: Uint8Array;
  readonly options: PieceOptions;
  /** Of a model that sees flows in their context: by which keys are made of names, `ContextEncoder.hashKey`. */
  readonly hashKey: readonly [number, number] | undefined;
}

/** Texts that stand one behind the other. */
export interface JoinedTexts {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

/** Orders to a thread. Records of a model that sees flows in their context are read and then scored, others at once. */
export type RecordOrder =
  | { readonly kind: "read"; readonly records: JoinedTexts }
  /** Scores the first records that were read and wait, with their flows' context, row-major. */
  | { readonly kind: "score"; readonly context: Float32Array<ArrayBuffer> };

/** Records that were scored. */
export interface ScoredRecords {
  readonly kind: "scored";
  /** Of each record what is written of it; empty where it is put aside or left out. */
  readonly written: JoinedTexts;
  /** Why records are put aside, and what those are that are no flows, by their numbers. */
  readonly reasons: ReadonlyMap<number, string>;
  readonly leftOut: ReadonlyMap<number, string>;
  readonly counts: FlowCounts;
}

export type RecordAnswer =
  /** What is counted for the flows' context, as `PackedContextFlows`. */
  { readonly kind: "read"; readonly contextFlows: Float64Array<ArrayBuffer> } | ScoredRecords;
