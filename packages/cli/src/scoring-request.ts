import type { Provider } from "@oddflow/inference";
import type { ScoredTableOptions } from "@oddflow/tables";
import type { ThresholdChoice } from "./threshold-choice.ts";

/** What a run of scoring is asked for. */
export interface ScoringRequest {
  /** Files or globs; undefined for standard input and for a log that grows. */
  readonly flows: readonly string[] | undefined;
  /** The file of a log that grows; undefined for what is read otherwise. */
  readonly log: string | undefined;
  /** What the files hold, as `SOURCE_FORMATS` has it; `ARROW` for standard input; undefined where they are to tell. */
  readonly from: string | undefined;
  /** The model's file. */
  readonly model: string;
  /** A file of public keys, one of which must have signed the model; undefined where any model will do. */
  readonly trust: string | undefined;
  /** A file of rules; undefined where there are none. */
  readonly rules: string | undefined;
  /** A file that keeps the context of live flows from run to run; undefined where nothing is kept. */
  readonly contextState: string | undefined;
  /** Milliseconds that live flows may wait for others to be scored with; undefined where nobody said so. */
  readonly maxLatency: number | undefined;
  readonly threshold: ThresholdChoice;
  /** Of times, for a budget of alarms in time; undefined where the table's own is looked for. */
  readonly timeColumn: string | undefined;
  /** The scored table's file; undefined where the input's name gives it. */
  readonly out: string | undefined;
  readonly columns: ScoredTableOptions["columns"];
  /** How many columns to name for each flow; 0 for none. */
  readonly top: number;
  /** Whether to say why anomalies are odd; undefined where nobody said so. */
  readonly reasons: boolean | undefined;
  /** How many of the oddest flows to print. */
  readonly oddest: number;
  readonly provider: Provider;
  /** On the CPU; undefined for one a core. */
  readonly threads: number | undefined;
}

/** A request to score files. */
export type FileScoringRequest = ScoringRequest & { readonly flows: readonly string[] };

/** Whether flows are one file whose name says that it is text. */
export function isOneText(flows: readonly string[]): boolean {
  return flows.length === 1 && /\.(csv|tsv|log|ndjson|jsonl|json)$/i.test(flows[0] ?? "");
}

/**
 * Whether a table of text is to be written as it is, with scores alone behind its rows: then no more has to be known of it than how
 * it begins.
 */
export function keepsText({ columns, top, reasons, threshold }: FileScoringRequest): boolean {
  return columns === "all" && top === 0 && reasons !== true && !("alarms" in threshold);
}
