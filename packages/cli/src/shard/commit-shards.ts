import { mkdir, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { OddflowError } from "@oddflow/preprocessing";
import { joinTables } from "@oddflow/tables";
import { addCounts } from "../add-counts.ts";
import {
  digestOfFile,
  foldersOf,
  isOneFile,
  placeOfFile,
  plansFolder,
  type ScoredFile,
  type ShardReceipt,
  shardState,
} from "./shard-folders.ts";
import type { ShardPlan } from "./shard-plan.ts";

/** What stands beside scored flows that were committed. */
export interface Manifest {
  readonly oddflow: "scored shards";
  readonly version: 1;
  /** The plan's id. */
  readonly plan: string;
  readonly model: ShardPlan["model"];
  /** A number's text. */
  readonly threshold: string;
  readonly shards: number;
  readonly flows: number;
  readonly alerts: number;
  /** How many alarms each rule took away, by its id. */
  readonly suppressed: Readonly<Record<string, number>>;
  readonly missing: number;
  readonly unseen: Readonly<Record<string, number>>;
  readonly partitionBy: readonly string[];
  readonly files: readonly ScoredFile[];
}

/** What was committed of a plan; undefined where nothing was. */
export async function committedManifest(plan: ShardPlan): Promise<Manifest | undefined> {
  const { manifest, success } = foldersOf(plan);
  try {
    const found = JSON.parse(await readFile(manifest, "utf8")) as Manifest;
    if (found.plan !== plan.id) return undefined;
    if (success !== undefined) await stat(success);
    return found;
  } catch {
    return undefined;
  }
}

/**
 * Makes of a plan's shards what it is for, once all are there: one file, or a folder. It may be ended at any moment and done
 * again.
 * @param planPath for what the message says to do
 * @param signal ends it while shards are looked at, before anything is written
 * @throws the signal's reason; OddflowError SHARDS_MISSING, TABLE_UNREADABLE (what was committed has changed), OUTPUT_UNWRITABLE
 */
export async function commitShards(
  plan: ShardPlan,
  planPath: string,
  signal: AbortSignal,
): Promise<{ readonly manifest: Manifest; readonly isNew: boolean }> {
  const committed = await committedManifest(plan);
  if (committed !== undefined) {
    await checkCommitted(plan, committed);
    await removeLeftovers(plan);
    return { manifest: committed, isNew: false };
  }
  try {
    const receipts = await allReceipts(plan, planPath, signal);
    const files = isOneFile(plan.out) ? [await joined(plan, receipts)] : await moved(plan, receipts);
    const manifest = summedUp(plan, receipts, files);
    const folders = foldersOf(plan);
    const temporary = `${folders.manifest}.${plan.id}.tmp`;
    await writeFile(temporary, `${JSON.stringify(manifest, undefined, 1)}\n`);
    await rename(temporary, folders.manifest);
    if (folders.success !== undefined) await writeFile(folders.success, "");
    await removeLeftovers(plan);
    return { manifest, isNew: true };
  } catch (cause) {
    // Another commit of the same plan may have been faster, and have cleared the shards away.
    const other = await committedManifest(plan);
    if (other !== undefined) return { manifest: other, isNew: false };
    if (cause instanceof OddflowError || !(cause instanceof Error && "code" in cause)) throw cause;
    throw new OddflowError(
      "OUTPUT_UNWRITABLE",
      `shard commit: ${plan.out} cannot be written: the system says ${cause.code}; check the folder, and commit again`,
      { cause },
    );
  }
}

async function allReceipts(
  plan: ShardPlan,
  planPath: string,
  signal: AbortSignal,
): Promise<readonly ShardReceipt[]> {
  const receipts: ShardReceipt[] = [];
  const wrong = { missing: [] as number[], damaged: [] as number[] };
  for (const shard of plan.shards.keys()) {
    signal.throwIfAborted();
    const state = await shardState(plan, shard);
    if (state.kind === "done") receipts.push(state.receipt);
    else wrong[state.kind].push(shard);
  }
  const problems = (["missing", "damaged"] as const).flatMap((kind) => {
    const shards = wrong[kind];
    if (shards.length === 0) return [];
    return [
      `${shards.length === 1 ? "shard" : "shards"} ${shardsText(shards)} ${shards.length === 1 ? "is" : "are"} ${kind}`,
    ];
  });
  if (problems.length === 0) return receipts;
  throw new OddflowError(
    "SHARDS_MISSING",
    `shard commit: ${problems.join(" and ")}, of ${plan.shards.length}; run \`oddflow shard run ${planPath} --missing\`, then commit again`,
  );
}

/** So many stretches of numbers are said. */
const MOST_SAID = 8;

/** Numbers in their order as people write them: 2, 5-7. */
function shardsText(shards: readonly number[]): string {
  const stretches: [first: number, last: number][] = [];
  for (const shard of shards) {
    const last = stretches.at(-1);
    if (last?.[1] === shard - 1) last[1] = shard;
    else stretches.push([shard, shard]);
  }
  const said = stretches
    .slice(0, MOST_SAID)
    .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return stretches.length > MOST_SAID
    ? `${said.join(", ")}, ... (${shards.length} of them)`
    : said.join(", ");
}

async function joined(plan: ShardPlan, receipts: readonly ShardReceipt[]): Promise<ScoredFile> {
  const pieces = await placesOf(plan, receipts);
  await joinTables(
    pieces.map(({ place }) => place),
    plan.out,
    plan.files.map(({ path }) => path),
  );
  const rows = receipts.reduce((sum, { flows }) => sum + flows, 0);
  return { path: plan.out, bytes: (await stat(plan.out)).size, rows, sha256: await digestOfFile(plan.out) };
}

async function moved(plan: ShardPlan, receipts: readonly ShardReceipt[]): Promise<readonly ScoredFile[]> {
  const pieces = await placesOf(plan, receipts);
  for (const { file, place } of pieces) {
    const target = join(plan.out, file.path);
    if (place === target) continue;
    await mkdir(dirname(target), { recursive: true });
    await rename(place, target).catch(async (cause: NodeJS.ErrnoException) => {
      // Another commit of the same plan moved it.
      if (cause.code !== "ENOENT" || (await stat(target).catch(() => undefined)) === undefined) throw cause;
    });
  }
  return pieces.map(({ file }) => file);
}

async function placesOf(
  plan: ShardPlan,
  receipts: readonly ShardReceipt[],
): Promise<readonly { readonly file: ScoredFile; readonly place: string }[]> {
  const places: { readonly file: ScoredFile; readonly place: string }[] = [];
  for (const { shard, files } of receipts) {
    for (const file of files) {
      const place = await placeOfFile(plan, shard, file);
      if (place === undefined)
        throw new OddflowError(
          "SHARDS_MISSING",
          `shard commit: ${file.path} of shard ${shard} went while it was looked at; commit again`,
        );
      places.push({ file, place });
    }
  }
  return places;
}

function summedUp(
  plan: ShardPlan,
  receipts: readonly ShardReceipt[],
  files: readonly ScoredFile[],
): Manifest {
  const unseen = new Map<string, number>();
  const suppressed = new Map<string, number>();
  const sums = { flows: 0, alerts: 0, missing: 0 };
  for (const receipt of receipts) {
    sums.flows += receipt.flows;
    sums.alerts += receipt.alerts;
    sums.missing += receipt.missing;
    addCounts(unseen, Object.entries(receipt.unseen));
    addCounts(suppressed, Object.entries(receipt.suppressed));
  }
  const inOrder = plan.scoring.modelColumns.filter((name) => unseen.has(name));
  return {
    oddflow: "scored shards",
    version: 1,
    plan: plan.id,
    model: plan.model,
    threshold: plan.scoring.threshold,
    shards: plan.shards.length,
    ...sums,
    suppressed: Object.fromEntries(suppressed),
    unseen: Object.fromEntries(inOrder.map((name) => [name, unseen.get(name) ?? 0])),
    partitionBy: plan.partitionBy,
    files,
  };
}

async function checkCommitted(plan: ShardPlan, { files }: Manifest): Promise<void> {
  for (const { path, bytes } of files) {
    const place = isOneFile(plan.out) ? path : join(plan.out, path);
    const found = await stat(place).catch(() => undefined);
    if (found?.size === bytes) continue;
    throw new OddflowError(
      "TABLE_UNREADABLE",
      `shard commit: ${place} was ${found === undefined ? "removed" : "changed"} since it was committed; plan again into an empty folder`,
    );
  }
}

async function removeLeftovers(plan: ShardPlan): Promise<void> {
  await rm(foldersOf(plan).all, { recursive: true, force: true });
  await rmdir(plansFolder(plan.out)).catch(() => undefined);
}
