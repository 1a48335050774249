import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ShardPlan } from "./shard-plan.ts";

/** A file of scored flows. */
export interface ScoredFile {
  /** Within the output's folder, with / between folders. */
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
  readonly sha256: string;
}

/** What came of a shard: what `score-batch` says of flows, and the files that they are in. */
export interface ShardReceipt {
  readonly plan: string;
  readonly shard: number;
  readonly attempt: string;
  readonly flows: number;
  readonly alerts: number;
  readonly suppressed: Readonly<Record<string, number>>;
  readonly missing: number;
  readonly unseen: Readonly<Record<string, number>>;
  readonly files: readonly ScoredFile[];
}

/** How a shard is: with its receipt where that can be read, and whether its files are as that says. */
export type ShardState =
  | { readonly kind: "missing" | "damaged" }
  | { readonly kind: "done"; readonly receipt: ShardReceipt };

const RECEIPT = "receipt.json";
const SUCCESS = "_SUCCESS";

/** Whether the output is one file; it is a folder otherwise. */
export function isOneFile(out: string): boolean {
  return /\.parquet$/i.test(out);
}

/** Where the shards of all plans for an output lie until they are committed. Readers of lakes pass over what begins with _. */
export function plansFolder(out: string): string {
  return isOneFile(out) ? `${out}.shards` : join(out, "_temporary");
}

/** A plan's places. */
export function foldersOf({ id, out }: Pick<ShardPlan, "id" | "out">): {
  readonly all: string;
  readonly shard: (shard: number) => string;
  readonly receipt: (folder: string) => string;
  readonly data: (folder: string) => string;
  readonly manifest: string;
  /** An empty file that says that a folder is whole; undefined for one file. */
  readonly success: string | undefined;
} {
  const all = join(plansFolder(out), id);
  return {
    all,
    shard: (shard) => join(all, shardName(shard)),
    receipt: (folder) => join(folder, RECEIPT),
    data: (folder) => join(folder, "data"),
    manifest: isOneFile(out) ? `${out}.manifest.json` : join(out, "_manifest.json"),
    success: isOneFile(out) ? undefined : join(out, SUCCESS),
  };
}

export function shardName(shard: number): string {
  return `shard-${String(shard).padStart(5, "0")}`;
}

/** Where a shard's file is: with the shard, or in its place where a commit has begun; undefined where it is neither. */
export async function placeOfFile(
  plan: ShardPlan,
  shard: number,
  { path }: Pick<ScoredFile, "path">,
): Promise<string | undefined> {
  const folders = foldersOf(plan);
  const places = [join(folders.data(folders.shard(shard)), path)];
  if (!isOneFile(plan.out)) places.push(join(plan.out, path));
  for (const place of places) if ((await stat(place).catch(() => undefined))?.isFile()) return place;
  return undefined;
}

/** Looks at a shard; reads all of its files. */
export async function shardState(plan: ShardPlan, shard: number): Promise<ShardState> {
  const folders = foldersOf(plan);
  const text = await readFile(folders.receipt(folders.shard(shard)), "utf8").catch(() => undefined);
  if (text === undefined) return { kind: "missing" };
  const receipt = readReceipt(text);
  if (receipt === undefined || receipt.plan !== plan.id || receipt.shard !== shard)
    return { kind: "damaged" };
  for (const file of receipt.files) {
    const place = await placeOfFile(plan, shard, file);
    if (place === undefined || (await digestOfFile(place)) !== file.sha256) return { kind: "damaged" };
  }
  return { kind: "done", receipt };
}

/** A receipt as it was written; undefined for any other text. */
function readReceipt(text: string): ShardReceipt | undefined {
  try {
    const { sha256, ...receipt } = JSON.parse(text) as ShardReceipt & { readonly sha256: unknown };
    return sha256 === digestOfText(JSON.stringify(receipt)) ? receipt : undefined;
  } catch {
    return undefined;
  }
}

export function receiptText(receipt: ShardReceipt): string {
  return `${JSON.stringify({ ...receipt, sha256: digestOfText(JSON.stringify(receipt)) })}\n`;
}

function digestOfText(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** SHA-256 of a file's bytes, in hexadecimal digits. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(bytes as Buffer);
  return hash.digest("hex");
}
