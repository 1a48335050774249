import type { ErrorCode } from "@oddflow/preprocessing";
import type { ColumnFilter } from "../choosing/column-filter.ts";
import type { ExportRequest } from "../exporting/export-table.ts";
import type { ScoredFlows, ShownFlow } from "./scored-flows.ts";

export type WebProvider = "wasm" | "webgpu";

/** A model file, or where to get one. */
export type ModelChoice =
  | { readonly name: string; readonly url: string; readonly file?: undefined }
  | { readonly name: string; readonly file: Blob; readonly url?: undefined };

export interface ScoreQuestion {
  readonly table: { readonly name: string } & (
    | { readonly file: Blob; readonly url?: undefined }
    | { readonly url: string; readonly file?: undefined }
  );
  readonly model: ModelChoice;
  readonly provider: WebProvider;
}

/** What the page asks a worker for, and what it gets. A worker scores once; the others come after that. */
export interface Questions {
  readonly score: { readonly question: ScoreQuestion; readonly answer: ScoredFlows };
  /** 1 for each row that passes all filters. */
  readonly filter: { readonly question: readonly ColumnFilter[]; readonly answer: Uint8Array };
  /** `reasons` of them for each row. */
  readonly flows: {
    readonly question: { readonly rows: readonly number[]; readonly reasons: number };
    readonly answer: readonly ShownFlow[];
  };
  /** Every column of a row, as name and text. */
  readonly cells: { readonly question: number; readonly answer: readonly (readonly [string, string])[] };
  /** A column's most frequent values, as text. */
  readonly values: { readonly question: string; readonly answer: readonly string[] };
  readonly export: { readonly question: ExportRequest; readonly answer: Blob };
}

export type QuestionKind = keyof Questions;

/** How far a scoring is. */
export type Progress =
  | { readonly stage: "reading"; readonly rows: number; readonly share: number }
  | { readonly stage: "opening" }
  | { readonly stage: "scoring"; readonly rows: number; readonly of: number };

/** An error as it goes from thread to thread, which knows no classes: a refusal has a code, a bug a trace. */
export interface Failure {
  readonly code?: ErrorCode;
  readonly message: string;
  readonly trace?: string;
}

export interface QuestionMessage {
  readonly id: number;
  readonly kind: QuestionKind;
  readonly question: unknown;
}

export type WorkerMessage =
  | { readonly id: number; readonly progress: Progress }
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly failure: Failure };
