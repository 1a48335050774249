import type { ErrorCode } from "@oddflow/preprocessing";
import type { TimeRange } from "../choosing/alarms.ts";
import type { AlarmCounts, ChosenFlows } from "../choosing/chosen-flows.ts";
import type { ColumnFilter } from "../choosing/column-filter.ts";
import type { CompareRequest, ModelComparison, SecondSummary } from "../comparison/second-model.ts";
import type { ExportFormat } from "../exporting/export-name.ts";
import type { HostsRequest, NoHosts, ShownHosts } from "../hosts/shown-hosts.ts";
import type { NoIncidents, ShownIncidents } from "../incidents/table-incidents.ts";
import type { RuleCandidate } from "../rules/rule-draft.ts";
import type { OpenedRules, RulesChange } from "../rules/rules-in-use.ts";
import type { CountedRules } from "../rules/table-rules.ts";
import type { FlowDetails, ScoredFlows, ShownFlow } from "./scored-flows.ts";

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

/** Which flows to look at: those that pass all filters and lie in the time range, where there is one. */
interface Choice {
  readonly filters: readonly ColumnFilter[];
  readonly range: TimeRange | undefined;
}

/** Which of the chosen flows to show. */
export interface FlowsQuestion {
  readonly first: number;
  readonly end: number;
  readonly reasons: number;
  /** Shows alarms only, from this threshold on; all where it is undefined. */
  readonly threshold: number | undefined;
}

/** What to save: all rows, the chosen ones, or the alarms among these. */
export interface SaveQuestion {
  readonly format: ExportFormat;
  readonly threshold: number;
  readonly rows: "all" | "chosen" | "alarms";
}

/**
 * What the page asks a worker for, and what it gets. A worker scores once; the others come after that. Nothing in an answer is as
 * long as the table: what is asked of many rows is counted in the worker.
 */
export interface Questions {
  readonly score: { readonly question: ScoreQuestion; readonly answer: ScoredFlows };
  /** From now on these are the chosen flows, for the other questions too; their alarms are those from the threshold on. */
  readonly choose: {
    readonly question: Choice & { readonly threshold: number };
    readonly answer: { readonly chosen: ChosenFlows; readonly alarms: AlarmCounts };
  };
  /** What the alarms among the chosen flows come to, from a threshold on. */
  readonly alarms: { readonly question: number; readonly answer: AlarmCounts };
  /** The chosen flows, or the alarms among them, from place `first` to before `end`, the oddest at place 0; `reasons` of them for each. */
  readonly flows: {
    readonly question: FlowsQuestion;
    readonly answer: readonly ShownFlow[];
  };
  /** All there is to say of one row. */
  readonly details: {
    readonly question: { readonly row: number; readonly reasons: number };
    readonly answer: FlowDetails;
  };
  /** A column's most frequent values, as text. */
  readonly values: { readonly question: string; readonly answer: readonly string[] };
  /** Area under the ROC curve of the chosen flows; the question is 1 for each label that is an attack's. NaN where all or none are. */
  readonly rocAuc: { readonly question: Uint8Array; readonly answer: number };
  readonly save: { readonly question: SaveQuestion; readonly answer: Blob };
  /** Changes the rules; the chosen flows know it when they are chosen again. Null forgets them all. */
  readonly rules: { readonly question: RulesChange | null; readonly answer: OpenedRules | null };
  /** What the rules do to all alarms from a threshold on; null without rules. */
  readonly ruleCounts: {
    readonly question: { readonly threshold: number };
    readonly answer: CountedRules | null;
  };
  /** What a rule may say that is written from a row. */
  readonly ruleDraft: { readonly question: number; readonly answer: readonly RuleCandidate[] };
  /** Of all flows, with the alarms from a threshold on. */
  readonly hosts: {
    readonly question: HostsRequest & { readonly threshold: number };
    readonly answer: ShownHosts | NoHosts;
  };
  readonly incidents: {
    readonly question: { readonly entity: string; readonly threshold: number };
    readonly answer: ShownIncidents | NoIncidents;
  };
  /** Scores the table with a second model. */
  readonly secondModel: {
    readonly question: { readonly model: ModelChoice; readonly provider: WebProvider };
    readonly answer: SecondSummary;
  };
  /** Holds the two models beside each other. */
  readonly compare: { readonly question: CompareRequest; readonly answer: ModelComparison };
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
