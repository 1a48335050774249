import { availableParallelism } from "node:os";
import { createScorer, inFile, type Scorer } from "@oddflow/inference/node";
import type { RuleSet } from "@oddflow/rules";
import {
  checkColumns,
  createScoredTableWriter,
  createShardsWriter,
  type FlowTable,
  keyColumns,
  openTable,
} from "@oddflow/tables";
import { countInParallel } from "./count-in-parallel.ts";
import { defaultOutput } from "./default-output.ts";
import { rangeShards } from "./range-shards.ts";
import { readModel } from "./read-model.ts";
import { readRules, tellLackingOf } from "./read-rules.ts";
import { reasonCount } from "./reason-count.ts";
import { runScoring, type ScoringRun } from "./run-scoring.ts";
import { scoreInParallel } from "./score-in-parallel.ts";
import { scoreTable } from "./score-table.ts";
import { scoreTextFile } from "./score-text-file.ts";
import { type FileScoringRequest, isOneText } from "./scoring-request.ts";
import type { ScoringTask } from "./scoring-task.ts";
import { endWorkers, type WorkerPool } from "./scoring-workers.ts";
import { chooseThreshold } from "./threshold-choice.ts";

/**
 * Scores the files of a table into a scored table, and says what came of it.
 * @param pool workers that were started because the files are large, one less than `--threads`; they have ended afterwards
 */
export async function scoreFiles(
  request: FileScoringRequest,
  pool: WorkerPool | undefined,
  signal: AbortSignal,
): Promise<void> {
  const rules = await readRules(request.rules);
  const model = await readModel(request.model, request.trust);
  pool?.open(model);
  if (pool === undefined || !isOneText(request.flows))
    return scoreTables(request, { model, rules, pool, signal });
  const scorer = await openScorer(request, model, 1);
  const isScored = await scoreTextFile(request, { scorer, pool, rules, signal }).finally(() =>
    scorer.close(),
  );
  await endWorkers(pool);
  if (!isScored) await scoreTables(request, { model, rules, pool: undefined, signal });
}

interface ScoreTablesOptions {
  readonly model: Uint8Array;
  /** What is said of alarms; undefined where there are no rules. */
  readonly rules: RuleSet | undefined;
  readonly pool: WorkerPool | undefined;
  readonly signal: AbortSignal;
}

async function scoreTables(
  request: FileScoringRequest,
  { model, rules, pool, signal }: ScoreTablesOptions,
): Promise<void> {
  const { flows, from, threads } = request;
  // The database looks at the files on a thread of its own while the model is made ready on this one.
  const opening = openTable(flows, { ...(threads === undefined ? {} : { threads }), from, signal });
  opening.catch(() => undefined);
  try {
    // Beside workers this process scores as one of them.
    const scorer = await openScorer(request, model, pool ? 1 : threads);
    try {
      await scoreIntoFile({ table: await opening, scorer, rules, pool, signal }, request);
    } finally {
      await scorer.close();
    }
  } finally {
    await opening.then(
      (table) => table.close(),
      () => undefined,
    );
  }
}

function openScorer(
  request: FileScoringRequest,
  model: Uint8Array,
  threads: number | undefined,
): Promise<Scorer> {
  const { provider } = request;
  return inFile(request.model, () =>
    createScorer(model, { provider, ...(threads === undefined ? {} : { threads }) }),
  );
}

interface Inputs {
  readonly table: FlowTable;
  readonly scorer: Scorer;
  readonly rules: RuleSet | undefined;
  readonly pool: WorkerPool | undefined;
  readonly signal: AbortSignal;
}

async function scoreIntoFile(inputs: Inputs, request: FileScoringRequest): Promise<void> {
  const { table, scorer, rules, signal } = inputs;
  await checkColumns(table, scorer.ownColumns, scorer.context);
  const chosen = await chooseThreshold(request.threshold, scorer, table, request.timeColumn);
  const out = request.out ?? defaultOutput(table);
  const isJsonLines = /\.(ndjson|jsonl)$/i.test(out);
  const reasons = reasonCount(scorer, request.top, request.reasons, isJsonLines);
  tellLackingOf(rules, table);
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
      rules: rules !== undefined,
    },
    threshold: chosen.threshold,
    top: request.top,
    reasons,
    rules,
    oddest: request.oddest,
  });
  await runScoring(run, request, { scorer, chosen, out, rows: table.rows, readings: table.readings, signal });
}

/** Several processes where there are workers and the table can be cut; one scan and one session on all threads where not. */
async function startRun(
  { table, scorer, pool, signal }: Inputs,
  threads: number | undefined,
  task: ScoringTask,
): Promise<ScoringRun> {
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
        const shards = rangeShards(task, writer, { ranges, counted, table, scorer });
        return scoreInParallel(shards, { pool, oddest: task.oddest, signal, onProgress });
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
