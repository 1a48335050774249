import { availableParallelism } from "node:os";
import { basename, extname } from "node:path";
import { createScorer, inFile, type Scorer } from "@oddflow/inference/node";
import {
  checkColumns,
  createScoredTableWriter,
  createShardsWriter,
  type FlowTable,
  keyColumns,
  openTable,
} from "@oddflow/tables";
import { countInParallel } from "./count-in-parallel.ts";
import { formatOddest } from "./format-oddest.ts";
import { formatReadings } from "./format-reading.ts";
import { formatSummary } from "./format-summary.ts";
import { scoringBar } from "./progress.ts";
import { readModel } from "./read-model.ts";
import { DEFAULT_REASONS, reasonCount } from "./reason-count.ts";
import { EXIT_STATUS, interruptSignal } from "./run-command.ts";
import { scoreInParallel } from "./score-in-parallel.ts";
import { type ScoreTableSummary, scoreTable } from "./score-table.ts";
import type { FileScoringRequest } from "./scoring-request.ts";
import type { ScoringTask } from "./scoring-task.ts";
import type { WorkerPool } from "./scoring-workers.ts";
import { complain, oneLine, print } from "./terminal.ts";
import { type ChosenThreshold, chooseThreshold } from "./threshold-choice.ts";

/**
 * Scores the files of a table into a scored table, and says what came of it.
 * @param pool workers that were started because the files are large, one less than `--threads`; they have ended afterwards
 */
export async function scoreFiles(request: FileScoringRequest, pool: WorkerPool | undefined): Promise<void> {
  const signal = interruptSignal();
  const model = await readModel(request.model, request.trust);
  pool?.open(model);
  const onThreads = request.threads === undefined ? {} : { threads: request.threads };
  // Beside workers this process scores as one of them.
  const scorer = await inFile(request.model, () =>
    createScorer(model, { provider: request.provider, ...(pool ? { threads: 1 } : onThreads) }),
  );
  try {
    const table = await openTable(request.flows, { ...onThreads, from: request.from });
    try {
      await scoreIntoFile({ table, scorer, pool, signal }, request);
    } finally {
      table.close();
    }
  } finally {
    await scorer.close();
  }
}

interface Inputs {
  readonly table: FlowTable;
  readonly scorer: Scorer;
  readonly pool: WorkerPool | undefined;
  readonly signal: AbortSignal;
}

async function scoreIntoFile(inputs: Inputs, request: FileScoringRequest): Promise<void> {
  const { table, scorer, signal } = inputs;
  await checkColumns(table, scorer.ownColumns, scorer.context);
  const chosen = await chooseThreshold(request.threshold, scorer, table, request.timeColumn);
  const { threshold } = chosen;
  const out = request.out ?? defaultOutput(table);
  const isJsonLines = /\.(ndjson|jsonl)$/i.test(out);
  const reasons = reasonCount(scorer, request.top, request.reasons, isJsonLines);
  const run = await startRun(inputs, request.threads, {
    paths: table.paths,
    output: {
      path: out,
      columns: request.columns,
      keyColumns: request.columns === "keys" ? await keyColumns(table) : [],
      ...(request.top > 0
        ? { top: { names: scorer.columns.map((column) => column.name), count: request.top } }
        : {}),
      reasons: reasons > 0,
    },
    threshold,
    top: request.top,
    reasons,
    oddest: request.oddest,
  });
  const began = performance.now();
  const bar = scoringBar(table.rows);
  try {
    const summary = await run.score((flows) => bar.update(flows));
    signal.throwIfAborted();
    await run.finish();
    bar.stop();
    const summaryText = formatSummary(summary, threshold, began);
    const oddest = await formatOddest(scorer, summary.oddest, request.top || DEFAULT_REASONS);
    print(`${oddest}${formatReadings(table.readings)}${summaryText}`);
    if (chosen.rate !== undefined) print(`rate       ${chosen.rate}\n`);
    print(`model      ${request.model}\n${warning(summary, chosen)}`);
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

/** A way to score a table into a file. */
interface Run {
  readonly replaced: readonly string[];
  readonly notes: readonly string[];
  score(onProgress: (flows: number) => void): Promise<ScoreTableSummary>;
  finish(): Promise<void>;
  abort(): Promise<void>;
}

/** Several processes where there are workers and the table can be cut; one scan and one session on all threads where not. */
async function startRun(
  { table, scorer, pool, signal }: Inputs,
  threads: number | undefined,
  task: ScoringTask,
): Promise<Run> {
  const ranges =
    pool && scorer.provider === "cpu" ? await table.ranges(threads ?? availableParallelism()) : [];
  if (pool && ranges.length > 0) {
    await table.useThreads(1);
    const writer = await createShardsWriter(table, task.output);
    return {
      replaced: writer.replaced,
      notes: writer.notes,
      async score(onProgress) {
        const counted = await countInParallel({ ranges, pool, table, scorer, signal });
        return scoreInParallel(task, writer, { ranges, counted, pool, table, scorer, signal, onProgress });
      },
      finish: () => writer.finish(),
      abort: () => writer.abort(),
    };
  }
  const writer = await createScoredTableWriter(table, task.output);
  signal.addEventListener("abort", () => void writer.abort());
  return {
    replaced: writer.replaced,
    notes: writer.notes,
    score: (onProgress) =>
      scoreTable(table, scorer, {
        ...task,
        signal,
        onProgress,
        onScores: (rows) => writer.write(rows),
      }),
    finish: () => writer.finish(),
    abort: () => writer.abort(),
  };
}

function defaultOutput({ paths, scoredEnding }: FlowTable): string {
  const name = basename(paths[0] ?? "flows").replace(/\.(gz|zst)$/i, "");
  const stem = paths.length > 1 ? "flows" : basename(name, extname(name));
  const own = extname(name).toLowerCase();
  // A file whose name says nothing of its form gives its form's ending; so does .json, which is written as lines.
  return `${stem}.scored${[".csv", ".tsv", ".ndjson", ".jsonl"].includes(own) ? extname(name) : scoredEnding}`;
}

/** Alarms far beyond the budget say more of the model than of the traffic. */
function warning({ flows, alerts }: ScoreTableSummary, { share }: ChosenThreshold): string {
  if (share === undefined || alerts <= 10 * Math.max(share * flows, 10)) return "";
  return (
    "note       far more alarms than the budget: these flows are not like those that the model was trained on;\n" +
    "           train a model on them with `oddflow train`\n"
  );
}
