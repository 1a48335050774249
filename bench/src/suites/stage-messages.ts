import type { RowRange } from "@oddflow/tables";

/** What a worker of `stage-workers.ts` is told; it answers each with one `StageAnswer`. */
export type StageOrder =
  | {
      readonly kind: "open";
      readonly model: string;
      readonly table: string;
      /** The flows that it is to take, from the first to before the end. */
      readonly first: number;
      readonly end: number;
    }
  | { readonly kind: "scan"; readonly range: RowRange }
  /** Scores its own flows. */
  | { readonly kind: "score" }
  /** Asks for the scores of its own flows. */
  | { readonly kind: "scores" };

/** How many rows were read, or the scores that were asked for. */
export interface StageAnswer {
  readonly rows?: number;
  readonly scores?: Float32Array;
}
