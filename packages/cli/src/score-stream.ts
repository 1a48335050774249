import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { FlowScores, KeptFields } from "@oddflow/flow-sources";
import {
  type AnomalyReasons,
  anomalyReasons,
  type Scorer,
  type Scores,
  topColumns,
} from "@oddflow/inference";
import { type FlowRecord, OddflowError, reportFlows } from "@oddflow/preprocessing";
import { openPipe } from "./pipe/open-pipe.ts";
import type { PipeFlows } from "./pipe/pipe-reader.ts";
import type { ScoreTableSummary } from "./score-table.ts";
import { checkOutput, hasEnded, readInput, settled, watchOutput } from "./standard-streams.ts";

export interface ScoreStreamOptions {
  readonly threshold: number;
  /** How many columns to name for each flow; 0 for none. */
  readonly top: number;
  /** How many reasons to give for each anomaly; none where it is absent. */
  readonly reasons?: number;
  readonly fields: KeptFields;
}

/** What was scored, and what the input was taken for. */
export interface StreamSummary extends Omit<ScoreTableSummary, "oddest"> {
  readonly takenFor: string | undefined;
  /** What was no flow and was left out, in words, and how often. */
  readonly leftOut: ReadonlyMap<string, number>;
}

/**
 * Scores flows as they come, JSON, CSV or a Zeek log, and writes them in the form that they came in: what came in one piece is
 * scored and written at once, so a slow stream is not held up. Blank lines are passed over. It ends early, without an error,
 * when nobody reads the output.
 * @throws OddflowError TABLE_UNREADABLE, OUTPUT_UNWRITABLE where the system refuses to read or to write.
 * @throws OddflowError RECORD_INVALID for a line that is no record, TABLE_UNREADABLE for text that is no CSV, VALUE_NOT_A_NUMBER
 * for a value that cannot be used; the message names the line, and what came before it has been written. COLUMNS_MISSING when
 * the first records have none of the model's columns, or a header lacks some.
 */
export async function scoreStream(
  input: Readable,
  output: Writable,
  scorer: Scorer,
  options: ScoreStreamOptions,
): Promise<StreamSummary> {
  const summary = { flows: 0, alerts: 0, missing: 0, unseen: new Map<string, number>() };
  const pipe = openPipe(scorer.columns, options.fields);
  watchOutput(output);
  const scoreLines = async (lines: PipeFlows): Promise<void> => {
    if (lines.count > 0) {
      if (summary.flows === 0 && lines.withColumns === 0) throw noColumns(lines, scorer);
      const scored = await scorer.score(lines.flows, { errors: options.top > 0, firstRow: summary.flows });
      const report = reportFlows(lines.flows, scorer.columns);
      const isAnomaly = (row: number): boolean => (scored.scores[row] as number) >= options.threshold;
      summary.flows += lines.count;
      summary.alerts += scored.scores.filter((score) => score >= options.threshold).length;
      summary.missing += report.missing;
      for (const [column, count] of report.unseen) {
        summary.unseen.set(column, (summary.unseen.get(column) ?? 0) + count);
      }
      const reasons = options.reasons
        ? await anomalyReasons(scorer, recordsAt(lines, isAnomaly), isAnomaly, options.reasons)
        : undefined;
      const added = describeScores(scored, reasons, scorer, options);
      for (const [flow, scores] of added.entries()) pipe.write(flow, scores);
      // A stream may keep what it is given until it is taken.
      await write(output, pipe.take().slice());
    }
    if (lines.problem !== undefined) throw lines.problem;
  };
  for await (const piece of readInput(input)) {
    await scoreLines(pipe.read(piece));
    if (hasEnded(output)) break;
  }
  if (!hasEnded(output)) await scoreLines(pipe.read(undefined));
  await settled(output);
  checkOutput(output);
  return { ...summary, takenFor: pipe.takenFor, leftOut: pipe.leftOut };
}

function noColumns(lines: PipeFlows, { columns }: Scorer): OddflowError {
  const found = Object.keys(lines.record(0)).slice(0, 8);
  return new OddflowError(
    "COLUMNS_MISSING",
    `score: the records on standard input have none of the model's ${columns.length} columns (they have ${found.join(", ") || "none"}; ` +
      `the model needs ${columns.map(({ name }) => name).join(", ")}); use a model for these flows`,
  );
}

/** The lines as records, those that nobody looks at left empty. */
function recordsAt(lines: PipeFlows, isWanted: (line: number) => boolean): FlowRecord[] {
  return Array.from({ length: lines.count }, (_, line) => (isWanted(line) ? lines.record(line) : {}));
}

/** What is added to each flow. */
function describeScores(
  { flows, scores, errors }: Scores,
  reasons: readonly AnomalyReasons[] | undefined,
  scorer: Scorer,
  { threshold, top }: ScoreStreamOptions,
): FlowScores[] {
  const places = new Int16Array(flows * top);
  if (errors) topColumns(errors, scorer.columns.length, top, places);
  return Array.from({ length: flows }, (_, row) => {
    const score = scores[row] as number;
    const names = [...places.subarray(row * top, (row + 1) * top)]
      .filter((column) => column >= 0)
      .map((column) => scorer.columns[column]?.name);
    return {
      score,
      is_anomaly: score >= threshold,
      probability: scorer.thresholds.shareAbove(score),
      ...(top > 0 ? { top_columns: names } : {}),
      ...(reasons ? { reasons: reasons[row] ?? null } : {}),
    };
  });
}

async function write(output: Writable, text: Uint8Array): Promise<void> {
  if (hasEnded(output) || output.write(text)) return;
  // What is wrong with the output is what `checkOutput` says of it.
  await once(output, "drain").catch(() => undefined);
}
