import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { flowScores, type KeptFields } from "@oddflow/flow-sources";
import { type Scorer, scoreRows, Verdict } from "@oddflow/inference";
import { type ContextEncoder, OddflowError, reportFlows } from "@oddflow/preprocessing";
import { LiveContext } from "./live-context.ts";
import { openPipe } from "./pipe/open-pipe.ts";
import type { PipeFlows, PipeReader } from "./pipe/pipe-reader.ts";
import type { ScoreTableSummary } from "./score-table.ts";
import { checkOutput, hasEnded, readInput, settled, watchOutput } from "./standard-streams.ts";

export interface ScoreStreamOptions {
  readonly threshold: number;
  /** How many columns to name for each flow; 0 for none. */
  readonly top: number;
  /** How many reasons to give for each anomaly; none where it is absent. */
  readonly reasons?: number;
  readonly fields: KeptFields;
  /** Of a model that sees flows in their context: what was counted before, to which what comes is added. */
  readonly context?: LiveContext | undefined;
}

/** What comes next: bytes, another file, or nothing more, with which the last record ends. */
export type StreamPiece = Uint8Array | "next file" | "end";

/** What was scored, and what the input was taken for. */
export interface StreamSummary extends Omit<ScoreTableSummary, "oddest"> {
  readonly takenFor: string | undefined;
  /** What was no flow and was left out, in words, and how often. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** The model's columns that no flow had a value of, by name; none where there was no flow. */
  readonly absent: readonly string[];
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
export function scoreStream(
  input: Readable,
  output: Writable,
  scorer: Scorer,
  options: ScoreStreamOptions,
): Promise<StreamSummary> {
  return scorePieces(streamPieces(input), output, scorer, options);
}

async function* streamPieces(input: Readable): AsyncGenerator<StreamPiece> {
  yield* readInput(input);
  yield "end";
}

/** As `scoreStream`, wherever the pieces come from. @param source what they are pieces of, as messages name it */
export async function scorePieces(
  pieces: AsyncIterable<StreamPiece>,
  output: Writable,
  scorer: Scorer,
  options: ScoreStreamOptions,
  source = "standard input",
): Promise<StreamSummary> {
  const summary = { flows: 0, alerts: 0, missing: 0, unseen: new Map<string, number>() };
  const { columns, ownColumns } = scorer;
  const { context = await LiveContext.open(scorer, undefined) } = options;
  const encoder = context?.encoder;
  const pipe = openPipe({ columns, ownColumns, context: encoder }, options.fields, source);
  watchOutput(output);
  const names = scorer.columns.map(({ name }) => name);
  const flowsRead = pipeFlows(pieces, output, pipe, scorer, encoder, source);
  const { top, reasons = 0 } = options;
  let absent = [...columns.keys()];
  for await (const rows of scoreRows(flowsRead, scorer, new Verdict(options.threshold), { top, reasons })) {
    const { flows, count } = rows.block;
    const report = reportFlows(flows, scorer.columns);
    summary.flows += count;
    summary.alerts += rows.anomalies;
    summary.missing += report.missing;
    absent = absent.filter((column) => isMissingThroughout(flows, columns.length, column));
    for (const [column, found] of report.unseen) {
      summary.unseen.set(column, (summary.unseen.get(column) ?? 0) + found);
    }
    for (let flow = 0; flow < count; flow++) pipe.write(flow, flowScores(rows, flow, names));
    // A stream may keep what it is given until it is taken.
    await write(output, pipe.take().slice());
    await context?.saveInTime();
    if (hasEnded(output)) break;
  }
  await settled(output);
  checkOutput(output);
  const absentNames = summary.flows === 0 ? [] : absent.map((column) => names[column] as string);
  return { ...summary, takenFor: pipe.takenFor, leftOut: pipe.leftOut, absent: absentNames };
}

/** Whether no row of `[rows, width]` has a value of the column. */
function isMissingThroughout(flows: Float32Array, width: number, column: number): boolean {
  for (let place = column; place < flows.length; place += width)
    if (!Number.isNaN(flows[place])) return false;
  return true;
}

/** The flows of each piece of the input while somebody reads the output, and then what is wrong with what is behind them. */
async function* pipeFlows(
  pieces: AsyncIterable<StreamPiece>,
  output: Writable,
  pipe: PipeReader,
  scorer: Scorer,
  context: ContextEncoder | undefined,
  source: string,
): AsyncGenerator<PipeFlows, void, undefined> {
  let isFirst = true;
  const checked = function* (flows: PipeFlows): Generator<PipeFlows, void, undefined> {
    if (flows.count > 0) {
      if (isFirst && flows.withColumns === 0) throw noColumns(flows, scorer, source);
      const lacking = (isFirst && context?.lackingInputs(flows.record(0))) || [];
      if (lacking.length > 0) throw noContext(lacking, source);
      isFirst = false;
      yield flows;
    }
    if (flows.problem !== undefined) throw flows.problem;
  };
  for await (const piece of pieces) {
    if (piece === "next file") pipe.beginFile();
    else yield* checked(pipe.read(piece === "end" ? undefined : piece));
    if (hasEnded(output)) return;
  }
}

function noContext(lacking: readonly string[], source: string): OddflowError {
  return new OddflowError(
    "COLUMNS_MISSING",
    `score: the records of ${source} lack ${lacking.join(", ")}, by which the model sees flows in their context; ` +
      "use a model for these flows, or train one with --context off",
  );
}

function noColumns(lines: PipeFlows, { ownColumns: columns }: Scorer, source: string): OddflowError {
  const found = Object.keys(lines.record(0)).slice(0, 8);
  return new OddflowError(
    "COLUMNS_MISSING",
    `score: the records of ${source} have none of the model's ${columns.length} columns (they have ${found.join(", ") || "none"}; ` +
      `the model needs ${columns.map(({ name }) => name).join(", ")}); use a model for these flows`,
  );
}

async function write(output: Writable, text: Uint8Array): Promise<void> {
  if (hasEnded(output) || output.write(text)) return;
  // What is wrong with the output is what `checkOutput` says of it.
  await once(output, "drain").catch(() => undefined);
}
