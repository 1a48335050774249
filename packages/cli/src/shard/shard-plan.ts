import { createHash, randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { OddflowError } from "@oddflow/preprocessing";
import type { RuleSet } from "@oddflow/rules";
import type { RowGroupSpan, SurveyedFile } from "@oddflow/tables";

/** What a file is that begins so. */
const KIND = "shard plan";
const VERSION = 2;

/** All that those who score a shard of a lake must know, so that each scores as all others do. */
export interface ShardPlan {
  readonly oddflow: typeof KIND;
  readonly version: typeof VERSION;
  /** The plan's own: hexadecimal digits. */
  readonly id: string;
  readonly model: { readonly path: string /** Of all of the file's bytes. */; readonly sha256: string };
  /** A folder, or a file where it ends in .parquet. */
  readonly out: string;
  /** Columns whose values name the output's folders; empty where there are none. */
  readonly partitionBy: readonly string[];
  readonly scoring: PlannedScoring;
  /** As in `OutputForm`. */
  readonly replaced: readonly string[];
  readonly notes: readonly string[];
  readonly copiesPages: boolean;
  /** As in `TableSurvey`. */
  readonly unitsPerSecond: number;
  /** What the model sees flows in, in seconds; absent where it sees each alone. */
  readonly context?: { readonly longestWindow: number } | undefined;
  readonly files: readonly SurveyedFile[];
  /** Each shard's row groups. */
  readonly shards: readonly (readonly RowGroupSpan[])[];
}

/** The options of scoring, as far as they say what is written. */
interface PlannedScoring {
  readonly from?: string | undefined;
  readonly columns: "all" | "keys" | "none";
  readonly keyColumns: readonly string[];
  readonly top: number;
  readonly reasons: number;
  /** What is said of alarms; absent where there are no rules. */
  readonly rules?: RuleSet | undefined;
  /** A number's text, which may be Infinity. */
  readonly threshold: string;
  readonly share?: number | undefined;
  /** What there is to say of the threshold. */
  readonly rate?: string | undefined;
  readonly caution?: string | undefined;
  /** The model's, in their order. */
  readonly modelColumns: readonly string[];
}

/** A plan with an id of its own. */
export function shardPlan(plan: Omit<ShardPlan, "oddflow" | "version" | "id">): ShardPlan {
  return { oddflow: KIND, version: VERSION, id: randomUUID().replaceAll("-", "").slice(0, 12), ...plan };
}

/**
 * Writes a plan into a file that is not there yet.
 * @throws OddflowError OUTPUT_UNWRITABLE
 */
export async function writePlan(path: string, plan: ShardPlan): Promise<void> {
  const temporary = `${path}.${plan.id}.tmp`;
  const fail = (cause: NodeJS.ErrnoException): never => {
    const problem =
      cause.code === "EEXIST"
        ? "it is there already, and shards may be running by it; name another file with --plan, or remove it"
        : `the system says ${cause.code}; name a file in a folder that is there and writable`;
    throw new OddflowError("OUTPUT_UNWRITABLE", `shard plan: ${path} cannot be written: ${problem}`, {
      cause,
    });
  };
  try {
    await writeFile(temporary, `${JSON.stringify({ ...plan, sha256: digestOf(plan) })}\n`, {
      flag: "wx",
    }).catch(fail);
    // A link does not go over a plan that another process has written meanwhile, as a new name would.
    await link(temporary, path).catch((cause: NodeJS.ErrnoException) =>
      cause.code === "EEXIST" ? fail(cause) : rename(temporary, path).catch(fail),
    );
  } finally {
    await rm(temporary, { force: true });
  }
}

/** @throws OddflowError PLAN_INVALID */
export async function readPlan(path: string): Promise<ShardPlan> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    const problem = cause.code === "ENOENT" ? "there is no such file" : `the system says ${cause.code}`;
    throw invalid(path, `${problem}; make one with \`oddflow shard plan\``, cause);
  });
  const { sha256, ...plan } = parsed(path, text);
  if (plan["oddflow"] !== KIND)
    throw invalid(path, "it is no plan of `oddflow shard plan`; name one that is");
  if (plan["version"] !== VERSION)
    throw invalid(
      path,
      `it has version ${String(plan["version"])} and ${VERSION} is read; use the Oddflow that made it, or plan again`,
    );
  if (sha256 !== digestOf(plan))
    throw invalid(path, "it is no longer as it was written; get it again, or plan again");
  // What the digest is of was a plan when it was written.
  return plan as unknown as ShardPlan;
}

function parsed(path: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    throw invalid(path, "it is no JSON, or cut short; get it again, or plan again", cause);
  }
  throw invalid(path, "it is no plan of `oddflow shard plan`; name one that is");
}

function digestOf(plan: object): string {
  return createHash("sha256").update(JSON.stringify(plan)).digest("hex");
}

function invalid(path: string, problem: string, cause?: unknown): OddflowError {
  return new OddflowError(
    "PLAN_INVALID",
    `read plan: ${path}: ${problem}`,
    cause === undefined ? {} : { cause },
  );
}

/** How many rows a shard has. */
export function rowsOf({ files }: Pick<ShardPlan, "files">, spans: readonly RowGroupSpan[]): number {
  let rows = 0;
  for (const { file, firstGroup, groups } of spans) {
    for (let k = 0; k < groups; k++) rows += files[file]?.rowGroups[firstGroup + k] ?? 0;
  }
  return rows;
}
