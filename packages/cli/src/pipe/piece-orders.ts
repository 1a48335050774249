import type { FlowCounts, PieceOptions } from "./piece-scorer.ts";

/** What a thread that scores pieces begins with. */
export interface PieceThreadData {
  /** A model file's bytes. */
  readonly model: Uint8Array;
  readonly options: PieceOptions;
  /** Of a model that sees flows in their context: by which keys are made of names, `ContextEncoder.hashKey`. */
  readonly hashKey: readonly [number, number] | undefined;
}

/** Orders to a thread. A piece of a model that sees flows in their context is read and then scored, others at once. */
export type PieceOrder =
  /** Brings its readers to a form by bytes that did so before, with a flow in them. */
  | { readonly kind: "begin"; readonly start: Uint8Array }
  /** Whole lines. */
  | { readonly kind: "read"; readonly piece: Uint8Array<ArrayBuffer> }
  /** Scores the first piece that was read and waits for it, with its flows' context, row-major. `firstFlow` is the first one's number in the stream. */
  | { readonly kind: "score"; readonly context: Float32Array<ArrayBuffer>; readonly firstFlow: number }
  /** Gives back the first piece that was read and waits for its context. */
  | { readonly kind: "give back" };

/** A piece that was scored. */
export interface ThreadScored {
  readonly kind: "scored";
  /** What was read: it may have to be read otherwise. */
  readonly piece: Uint8Array<ArrayBuffer>;
  readonly output: Uint8Array<ArrayBuffer>;
  readonly counts: FlowCounts;
  readonly lines: number;
  readonly leftOut: ReadonlyMap<string, number>;
}

export type PieceAnswer =
  | { readonly kind: "begun"; readonly form: string | undefined }
  /** What is counted for the flows' context, as `PackedContextFlows`. */
  | { readonly kind: "read"; readonly contextFlows: Float64Array<ArrayBuffer> }
  | ThreadScored
  /** Something is wrong with the piece, or what follows it is to be read otherwise: who knows what came before says what. */
  | { readonly kind: "given back"; readonly piece: Uint8Array<ArrayBuffer> }
  /** It has been scored by another. */
  | { readonly kind: "written" };
