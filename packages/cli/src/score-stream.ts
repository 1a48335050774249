import type { Readable, Writable } from "node:stream";
import { goflow2Lines } from "@oddflow/flow-sources";
import type { Scorer } from "@oddflow/inference";
import type { RuleSet } from "@oddflow/rules";
import { LiveContext } from "./live-context.ts";
import type { StreamPiece } from "./pipe/gathered-pieces.ts";
import {
  type StreamModel,
  StreamScoring,
  type StreamScoringOptions,
  type StreamSummary,
} from "./pipe/stream-scoring.ts";
import { checkOutput, readInput, settled, watchOutput } from "./standard-streams.ts";

const SOURCE = "standard input";

export interface ScoreStreamOptions extends Omit<StreamScoringOptions, "context"> {
  /** What was counted before, to which what comes is added. */
  readonly context?: LiveContext | undefined;
  /** Hears, when the stream begins, how it goes on with another model or other rules: `StreamScoring.changeModel`, `changeRules`. */
  readonly onBegun?: (
    changeModel: (model: StreamModel) => Promise<void>,
    changeRules: (rules: RuleSet) => Promise<void>,
  ) => void;
}

/**
 * Scores flows as they come, JSON, CSV or a Zeek log, and writes them in the form and the order that they came in. What a slow
 * stream brings is scored and written at once; of a fast one, what came meanwhile is scored together, in threads if there are
 * some. goflow2's protobuf is read, and written as goflow2's JSON. Blank lines are passed over. It ends early, without an error,
 * when nobody reads the output.
 * @param signal ends the input: whole lines that have come are scored
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
  signal?: AbortSignal,
): Promise<StreamSummary> {
  const end = (): unknown => input.destroy();
  signal?.addEventListener("abort", end);
  if (signal?.aborted === true) end();
  try {
    return await scorePieces(streamPieces(input, signal), output, scorer, options);
  } finally {
    signal?.removeEventListener("abort", end);
    end();
  }
}

async function* streamPieces(input: Readable, signal: AbortSignal | undefined): AsyncGenerator<StreamPiece> {
  try {
    yield* goflow2Lines(readInput(input), SOURCE);
  } catch (thrown) {
    if (signal?.aborted !== true) throw thrown;
  }
  // A last line without an end may not be whole then.
  yield signal?.aborted === true ? "next file" : "end";
}

/** As `scoreStream`, wherever the pieces come from. @param source what they are pieces of, as messages name it */
export async function scorePieces(
  pieces: AsyncIterable<StreamPiece>,
  output: Writable,
  scorer: Scorer,
  options: ScoreStreamOptions,
  source: string = SOURCE,
): Promise<StreamSummary> {
  const { context = await LiveContext.open(scorer, undefined) } = options;
  watchOutput(output);
  const scoring = new StreamScoring(output, scorer, { ...options, context }, source);
  options.onBegun?.(
    (model) => scoring.changeModel(model),
    (rules) => scoring.changeRules(rules),
  );
  await scoring.score(pieces);
  await settled(output);
  checkOutput(output);
  return scoring.summary;
}
