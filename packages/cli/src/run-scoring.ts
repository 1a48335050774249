import type { Scorer } from "@oddflow/inference";
import { formatOddest } from "./format-oddest.ts";
import { formatReadings, type Reading } from "./format-reading.ts";
import { formatSummary } from "./format-summary.ts";
import { scoringBar } from "./progress.ts";
import { DEFAULT_REASONS } from "./reason-count.ts";
import { EXIT_STATUS } from "./run-command.ts";
import type { ScoreTableSummary } from "./score-table.ts";
import type { FileScoringRequest } from "./scoring-request.ts";
import { complain, oneLine, print } from "./terminal.ts";
import type { ChosenThreshold } from "./threshold-choice.ts";

/** A way to score a table into a file. */
export interface ScoringRun {
  readonly replaced: readonly string[];
  readonly notes: readonly string[];
  score(onProgress: (flows: number) => void): Promise<ScoreTableSummary>;
  finish(): Promise<void>;
  abort(): Promise<void>;
}

/** What there is to say of a run. */
export interface ScoringContext {
  readonly scorer: Scorer;
  readonly chosen: ChosenThreshold;
  readonly out: string;
  /** About how many rows there are. */
  readonly rows: number;
  readonly readings: readonly Reading[];
  readonly signal: AbortSignal;
}

/**
 * Scores a table into a file, and says what came of it. Nothing is left of a run that fails or that is interrupted.
 * @throws what the run throws, unless the signal is aborted
 */
export async function runScoring(
  run: ScoringRun,
  { model, top }: FileScoringRequest,
  { scorer, chosen, out, rows, readings, signal }: ScoringContext,
): Promise<void> {
  const began = performance.now();
  const bar = scoringBar(rows);
  try {
    const summary = inOrder(await run.score((flows) => bar.update(flows)), scorer);
    signal.throwIfAborted();
    await run.finish();
    bar.stop();
    const summaryText = formatSummary(summary, chosen.threshold, began);
    const oddest = await formatOddest(scorer, summary.oddest, top || DEFAULT_REASONS);
    print(`${oddest}${formatReadings(readings)}${summaryText}`);
    if (chosen.rate !== undefined) print(`rate       ${chosen.rate}\n`);
    print(`model      ${model}\n${alarmsText(summary, chosen.share)}`);
    if (chosen.caution !== undefined) print(`note       ${chosen.caution}\n`);
    if (run.replaced.length > 0)
      print(`replaced   the table's own ${run.replaced.map(oneLine).join(", ")}\n`);
    for (const note of run.notes) print(`note       ${oneLine(note)}\n`);
    print(`written    ${out}\n`);
  } catch (error) {
    bar.stop();
    await run.abort();
    if (!signal.aborted) throw error;
    complain("score: interrupted; nothing was written\n");
    process.exitCode = EXIT_STATUS.interrupted;
  }
}

/** With the unseen categories in the order of the model's columns, whichever process met them first. */
export function inOrder(summary: ScoreTableSummary, { columns }: Scorer): ScoreTableSummary {
  const unseen = columns.flatMap(({ name }): [string, number][] => {
    const count = summary.unseen.get(name);
    return count === undefined ? [] : [[name, count]];
  });
  return { ...summary, unseen: new Map(unseen) };
}

/** Alarms far beyond the budget say more of the model than of the traffic. */
export function alarmsText(
  { flows, alerts }: Pick<ScoreTableSummary, "flows" | "alerts">,
  share: number | undefined,
): string {
  if (share === undefined || alerts <= 10 * Math.max(share * flows, 10)) return "";
  return (
    "note       far more alarms than the budget: these flows are not like the usual ones that the model was trained on,\n" +
    "           or many are attacks; where they are usual, train a model on them with `oddflow train`\n"
  );
}
