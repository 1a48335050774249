import { availableParallelism } from "node:os";
import type { Scorer } from "@oddflow/inference";
import { followLog } from "./follow/follow-log.ts";
import { formatReadings } from "./format-reading.ts";
import { formatSummary } from "./format-summary.ts";
import { ARROW } from "./from-option.ts";
import type { Hangup } from "./hangup.ts";
import { LiveContext } from "./live-context.ts";
import { LiveModels } from "./live-models.ts";
import { LiveRules } from "./live-rules.ts";
import type { StreamSummary } from "./pipe/stream-scoring.ts";
import { reasonCount } from "./reason-count.ts";
import { EXIT_STATUS } from "./run-command.ts";
import { scoreArrow } from "./score-arrow.ts";
import { type ScoreStreamOptions, scorePieces, scoreStream } from "./score-stream.ts";
import type { ScoringRequest } from "./scoring-request.ts";
import { complain } from "./terminal.ts";

/** As much as one thread scores while others start: what has come is the best guess of what is still to come. */
const BYTES_BEFORE_THREADS = 1 << 24;

/**
 * Scores flows as they come, on standard input or in a log that grows, and writes them to standard output.
 * @param hangup has the files of the model and of the rules read again
 */
export async function scoreLiveFlows(
  request: ScoringRequest,
  signal: AbortSignal,
  hangup: Hangup,
): Promise<void> {
  const { model: path, trust, provider, threads = availableParallelism() } = request;
  const isArrow = request.from === ARROW;
  // What comes faster than one thread scores it is scored by threads with a session of one thread each. Of Arrow nearly all of the
  // work is the model's, and two threads of one session take twice the CPU for it: whoever sends needs a core, too.
  const place = { path, trust, provider, threads: isArrow ? (request.threads ?? 1) : 1 };
  const rules = await LiveRules.open(request.rules, hangup);
  const models = await LiveModels.open(place, request.threshold, hangup);
  try {
    const { scorer, bytes, threshold } = models.current;
    const context = await LiveContext.open(scorer, request.contextState);
    const began = performance.now();
    const names = scorer.columns.map((column) => column.name);
    const options = {
      threshold,
      top: request.top,
      reasons: reasonCount(scorer, request.top, request.reasons, !isArrow),
      fields: request.columns === "keys" ? { except: names } : request.columns,
      rules: rules?.first,
      context,
      maxLatency: request.maxLatency,
      threads:
        !isArrow && threads > 1 && scorer.provider === "cpu"
          ? { count: threads, model: bytes, afterBytes: BYTES_BEFORE_THREADS }
          : undefined,
      onBegun: (changeModel, changeRules) => {
        models.watch(changeModel);
        rules?.watch(changeRules);
      },
    } satisfies ScoreStreamOptions;
    const summary = await scoreSource(request, scorer, options, signal).finally(async () => {
      await models.end();
      await rules?.end();
      await context.save();
    });
    complain(formatReadings([summary]));
    complain(formatSummary(summary, models.current.threshold, began));
    for (const note of context.notes) complain(`context    ${note}\n`);
  } finally {
    await models.close();
  }
}

async function scoreSource(
  { log, from }: ScoringRequest,
  scorer: Scorer,
  options: ScoreStreamOptions,
  signal: AbortSignal,
): Promise<StreamSummary> {
  if (log === undefined) {
    const scoreInput = from === ARROW ? scoreArrow : scoreStream;
    const summary = await scoreInput(process.stdin, process.stdout, scorer, options, signal);
    if (signal.aborted) process.exitCode = EXIT_STATUS.interrupted;
    return summary;
  }
  const ending = new AbortController();
  try {
    const pieces = followLog(log, AbortSignal.any([signal, ending.signal]));
    return await scorePieces(pieces, process.stdout, scorer, options, log);
  } finally {
    ending.abort();
  }
}
