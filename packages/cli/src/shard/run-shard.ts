import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { createScorer, inFile, type Scorer } from "@oddflow/inference/node";
import { OddflowError } from "@oddflow/preprocessing";
import {
  countSpanContext,
  createShardsWriter,
  cutSpans,
  type FlowTable,
  openTable,
  partitionTable,
} from "@oddflow/tables";
import { fetchFlows } from "../fetched-flows.ts";
import { rangeShards } from "../range-shards.ts";
import { readModel } from "../read-model.ts";
import { inOrder } from "../run-scoring.ts";
import { scoreInParallel } from "../score-in-parallel.ts";
import type { ScoreTableSummary } from "../score-table.ts";
import type { ScoringTask } from "../scoring-task.ts";
import { endWorkers, startWorkers } from "../scoring-workers.ts";
import { checkPlannedFiles, type ShardFiles, shardFiles } from "./shard-files.ts";
import {
  digestOfFile,
  foldersOf,
  receiptText,
  type ScoredFile,
  type ShardReceipt,
  shardName,
  shardState,
} from "./shard-folders.ts";
import { rowsOf, type ShardPlan } from "./shard-plan.ts";

export interface RunShardOptions {
  /** Whose run it is; said in the receipt. */
  readonly attempt: string;
  readonly threads: number;
  readonly signal: AbortSignal;
}

/** The model that a plan was made with. @throws OddflowError MODEL_INVALID for another one; what reading a model throws */
export async function plannedModel({ model }: ShardPlan): Promise<Uint8Array> {
  const bytes = await readModel(model.path, undefined);
  if (createHash("sha256").update(bytes).digest("hex") !== model.sha256) {
    throw new OddflowError(
      "MODEL_INVALID",
      `shard run: ${model.path} is another model than the plan was made with; put that one in its place, or plan again`,
    );
  }
  return bytes;
}

/**
 * Scores a shard, and puts what came of it in its place, whole. Others may do so at the same time: the first one's stays, and all
 * write the same.
 * @returns the receipt of what lies there, and whether it is of this attempt
 */
export async function runShard(
  plan: ShardPlan,
  shard: number,
  model: Uint8Array,
  options: RunShardOptions,
): Promise<{ readonly receipt: ShardReceipt; readonly isOwn: boolean }> {
  const folders = foldersOf(plan);
  const attempt = join(folders.all, `.${shardName(shard)}-${options.attempt}-${randomUUID().slice(0, 8)}`);
  await writing(plan, () => mkdir(folders.data(attempt), { recursive: true }));
  try {
    const receipt = await scoreInto(attempt, plan, shard, model, options);
    options.signal.throwIfAborted();
    await writing(plan, () => writeWhole(folders.receipt(attempt), receiptText(receipt)));
    if (await takePlace(plan, attempt, folders.shard(shard))) return { receipt, isOwn: true };
    const state = await shardState(plan, shard);
    if (state.kind === "done") return { receipt: state.receipt, isOwn: false };
    await rename(folders.shard(shard), `${attempt}-damaged`).catch(() => undefined);
    if (await takePlace(plan, attempt, folders.shard(shard))) return { receipt, isOwn: true };
    throw new OddflowError(
      "OUTPUT_UNWRITABLE",
      `shard run: shard ${shard} is being written by another run, too, over a damaged one; run it again`,
    );
  } finally {
    await rm(attempt, { recursive: true, force: true }).catch(() => undefined);
    await rm(`${attempt}-damaged`, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Gives an attempt's folder the shard's name; false where a shard lies there. */
async function takePlace(plan: ShardPlan, attempt: string, place: string): Promise<boolean> {
  try {
    await rename(attempt, place);
    return true;
  } catch (thrown) {
    // A folder that is not empty stays: ENOTEMPTY or EEXIST, EPERM on Windows.
    if ((await stat(place).catch(() => undefined)) !== undefined) return false;
    return writing(plan, () => Promise.reject(thrown));
  }
}

async function scoreInto(
  attempt: string,
  plan: ShardPlan,
  shard: number,
  model: Uint8Array,
  { attempt: id, threads, signal }: RunShardOptions,
): Promise<ShardReceipt> {
  const spans = plan.shards[shard] ?? [];
  const data = foldersOf(plan).data(attempt);
  const named = { plan: plan.id, shard, attempt: id };
  if (rowsOf(plan, spans) === 0) {
    return { ...named, flows: 0, alerts: 0, suppressed: {}, missing: 0, unseen: {}, files: [] };
  }
  const scorer = await inFile(plan.model.path, () => createScorer(model, { provider: "cpu", threads: 1 }));
  try {
    const part = join(data, `${partName(shard)}.parquet`);
    const summary = await scoreSpans(plan, shard, { part, scorer, model, threads, signal });
    const written =
      plan.partitionBy.length === 0
        ? [{ path: `${partName(shard)}.parquet`, rows: summary.flows }]
        : await partition(plan, part, data, shard);
    const files = await Promise.all(written.map((file) => finished(data, file)));
    const { flows, alerts, missing } = summary;
    const suppressed = Object.fromEntries(summary.suppressed);
    const unseen = Object.fromEntries(summary.unseen);
    return { ...named, flows, alerts, suppressed, missing, unseen, files };
  } finally {
    await scorer.close();
  }
}

interface ScoreSpansOptions {
  /** The file to write. */
  readonly part: string;
  readonly scorer: Scorer;
  readonly model: Uint8Array;
  readonly threads: number;
  readonly signal: AbortSignal;
}

async function scoreSpans(
  plan: ShardPlan,
  shard: number,
  options: ScoreSpansOptions,
): Promise<ScoreTableSummary> {
  const { files, spans } = shardFiles(plan, plan.shards[shard] ?? [], plan.context?.longestWindow);
  const fetched = await fetchFlows(
    files.map(({ path }) => path),
    options.signal,
  );
  try {
    const local = files.map((file, k) => ({ ...file, path: fetched.paths[k] ?? file.path }));
    return await scoreLocalSpans(plan, { files: local, spans }, options);
  } finally {
    fetched.close();
  }
}

async function scoreLocalSpans(
  plan: ShardPlan,
  { files, spans }: ShardFiles,
  { part, scorer, model, threads, signal }: ScoreSpansOptions,
): Promise<ScoreTableSummary> {
  checkPlannedFiles(files);
  const { from, top, columns, keyColumns, reasons, rules, threshold } = plan.scoring;
  const flows = files.map(({ path }) => path);
  const pool = startWorkers(threads - 1, { flows, from });
  pool.open(model);
  let table: FlowTable | undefined;
  try {
    table = await openTable(flows, { threads: 1, from });
    checkPlannedFiles(files);
    const task: ScoringTask = {
      paths: table.paths,
      output: {
        path: part,
        columns,
        keyColumns,
        ...(top > 0 ? { top: { names: plan.scoring.modelColumns, count: top } } : {}),
        reasons: reasons > 0,
        rules: rules !== undefined,
      },
      threshold: Number(threshold),
      top,
      reasons,
      rules,
      oddest: 0,
    };
    const rowGroups = files.map((file) => file.rowGroups);
    const ranges = cutSpans(files, spans, threads);
    const { unitsPerSecond, copiesPages } = plan;
    const { context: spec } = scorer;
    const counted =
      spec && (await countSpanContext(table, { spec, unitsPerSecond, rowGroups, spans, ranges, signal }));
    const writer = await createShardsWriter(table, task.output, { spans, copiesPages });
    try {
      const shards = rangeShards(task, writer, { ranges, counted, table, scorer });
      const summary = await scoreInParallel(shards, { pool, oddest: 0, signal, onProgress: () => {} });
      signal.throwIfAborted();
      await writer.finish();
      return inOrder(summary, scorer);
    } finally {
      await writer.abort();
    }
  } finally {
    await endWorkers(pool);
    table?.close();
  }
}

async function partition(
  { partitionBy }: ShardPlan,
  part: string,
  data: string,
  shard: number,
): Promise<readonly Pick<ScoredFile, "path" | "rows">[]> {
  const table = await openTable(part, { threads: 1, from: "parquet" });
  try {
    return await partitionTable(table, { columns: partitionBy, folder: data, name: partName(shard) });
  } finally {
    table.close();
    await rm(part);
  }
}

function partName(shard: number): string {
  return `part-${String(shard).padStart(5, "0")}`;
}

async function finished(
  data: string,
  { path, rows }: Pick<ScoredFile, "path" | "rows">,
): Promise<ScoredFile> {
  const place = join(data, path);
  return { path, bytes: (await stat(place)).size, rows, sha256: await digestOfFile(place) };
}

async function writeWhole(path: string, text: string): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writing<T>({ out }: ShardPlan, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
    if (code === undefined) throw cause;
    throw new OddflowError(
      "OUTPUT_UNWRITABLE",
      `shard run: ${out} cannot be written: the system says ${code}; check the folder, its permissions and the space left`,
      { cause },
    );
  }
}
