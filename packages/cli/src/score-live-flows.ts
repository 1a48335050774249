import type { Scorer } from "@oddflow/inference";
import { createScorer, inFile } from "@oddflow/inference/node";
import { followLog } from "./follow/follow-log.ts";
import { formatReadings } from "./format-reading.ts";
import { formatSummary } from "./format-summary.ts";
import { LiveContext } from "./live-context.ts";
import { readModel } from "./read-model.ts";
import { reasonCount } from "./reason-count.ts";
import { interruptSignal } from "./run-command.ts";
import { type ScoreStreamOptions, type StreamSummary, scorePieces, scoreStream } from "./score-stream.ts";
import type { ScoringRequest } from "./scoring-request.ts";
import { complain } from "./terminal.ts";
import { chooseThreshold } from "./threshold-choice.ts";

/** Scores flows as they come, on standard input or in a log that grows, and writes them to standard output. */
export async function scoreLiveFlows(request: ScoringRequest): Promise<void> {
  const model = await readModel(request.model, request.trust);
  const scorer = await inFile(request.model, () =>
    createScorer(model, {
      provider: request.provider,
      ...(request.threads === undefined ? {} : { threads: request.threads }),
    }),
  );
  try {
    const { threshold, caution } = await chooseThreshold(request.threshold, scorer);
    if (caution !== undefined) complain(`note       ${caution}\n`);
    const context = await LiveContext.open(scorer, request.contextState);
    const began = performance.now();
    const names = scorer.columns.map((column) => column.name);
    const summary = await scoreSource(request.log, scorer, {
      threshold,
      top: request.top,
      reasons: reasonCount(scorer, request.top, request.reasons, true),
      fields: request.columns === "keys" ? { except: names } : request.columns,
      context,
    }).finally(() => context?.save());
    complain(formatReadings([summary]));
    complain(formatSummary(summary, threshold, began));
    for (const note of context?.notes ?? []) complain(`context    ${note}\n`);
  } finally {
    await scorer.close();
  }
}

/** @param log undefined for standard input */
function scoreSource(
  log: string | undefined,
  scorer: Scorer,
  options: ScoreStreamOptions,
): Promise<StreamSummary> {
  if (log === undefined) return scoreStream(process.stdin, process.stdout, scorer, options);
  return scorePieces(followLog(log, interruptSignal()), process.stdout, scorer, options, log);
}
