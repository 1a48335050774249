import { createHash } from "node:crypto";
import { mkdir, readdir, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { schemeOf, shownAddress } from "@oddflow/flow-sources";
import { createScorer, inFile } from "@oddflow/inference/node";
import { OddflowError, SCORE_COLUMN } from "@oddflow/preprocessing";
import { balanceSpans, checkColumns, keyColumns, outputForm, surveyFiles } from "@oddflow/tables";
import { openFlows } from "../fetched-flows.ts";
import { readModel } from "../read-model.ts";
import { readRules, tellLackingOf } from "../read-rules.ts";
import { reasonCount } from "../reason-count.ts";
import { shownPath } from "../shown-paths.ts";
import { chooseThreshold, type ThresholdChoice } from "../threshold-choice.ts";
import { foldersOf, isOneFile, plansFolder } from "./shard-folders.ts";
import { type ShardPlan, shardPlan } from "./shard-plan.ts";

/** What a plan is asked for. */
export interface PlanRequest {
  /** Files or globs. */
  readonly flows: readonly string[];
  readonly from: string | undefined;
  readonly model: string;
  readonly trust: string | undefined;
  readonly out: string;
  readonly partitionBy: readonly string[];
  readonly columns: ShardPlan["scoring"]["columns"];
  readonly threshold: ThresholdChoice;
  readonly timeColumn: string | undefined;
  readonly top: number;
  readonly reasons: boolean | undefined;
  /** A file of rules; undefined where there are none. */
  readonly rules: string | undefined;
  /** So many shards, or of about so many flows. */
  readonly size: { readonly shards: number } | { readonly flows: number };
}

/**
 * Plans how a lake is scored in shards, and makes the folder that they are going to be written to.
 * @throws what opening a table and a model throws; OddflowError USAGE, OUTPUT_UNWRITABLE
 */
export async function makePlan(request: PlanRequest, signal: AbortSignal): Promise<ShardPlan> {
  for (const path of request.flows) checkPlannable(path);
  const model = await readModel(request.model, request.trust);
  const rules = await readRules(request.rules);
  const table = await openFlows(request.flows, { from: request.from, signal });
  try {
    tellLackingOf(rules, table);
    const scorer = await inFile(request.model, () => createScorer(model, { provider: "cpu", threads: 1 }));
    try {
      await checkColumns(table, scorer.ownColumns, scorer.context);
      const chosen = await chooseThreshold(request.threshold, scorer, table, request.timeColumn);
      const survey = await surveyFiles(table, scorer.context);
      const longestWindow = scorer.context?.windows.at(-1);
      const keys = request.columns === "keys" ? await keyColumns(table) : [];
      const form = outputForm(table, { path: "scored.parquet", columns: request.columns, keyColumns: keys });
      checkPartitions(request.partitionBy, form.kept);
      const size = request.size;
      const shards = "shards" in size ? size.shards : Math.max(1, Math.ceil(table.rows / size.flows));
      const plan = shardPlan({
        model: { path: request.model, sha256: createHash("sha256").update(model).digest("hex") },
        out: request.out,
        partitionBy: request.partitionBy,
        scoring: {
          ...(request.from === undefined ? {} : { from: request.from }),
          columns: request.columns,
          keyColumns: keys,
          top: request.top,
          reasons: reasonCount(scorer, request.top, request.reasons, false),
          ...(rules === undefined ? {} : { rules }),
          threshold: String(chosen.threshold),
          ...(chosen.share === undefined ? {} : { share: chosen.share }),
          ...(chosen.rate === undefined ? {} : { rate: chosen.rate }),
          ...(chosen.caution === undefined ? {} : { caution: chosen.caution }),
          modelColumns: scorer.columns.map(({ name }) => name),
        },
        replaced: form.replaced,
        notes: form.notes,
        copiesPages: form.copiesPages,
        ...survey,
        // Whoever runs a shard fetches its files anew.
        files: survey.files.map((file) => ({ ...file, path: shownPath(file.path) })),
        ...(longestWindow === undefined ? {} : { context: { longestWindow } }),
        shards: balanceSpans(
          survey.files.map(({ rowGroups }) => rowGroups),
          shards,
        ),
      });
      await claimOutput(plan);
      return plan;
    } finally {
      await scorer.close();
    }
  } finally {
    table.close();
  }
}

/** @throws OddflowError USAGE for an address with something in it that no file should hold */
function checkPlannable(path: string): void {
  if (schemeOf(path) === undefined || shownAddress(path) === path) return;
  throw new OddflowError(
    "USAGE",
    `shard plan: ${shownAddress(path)} has a query or a password, which the plan would hold; name an address without, or copy the file here`,
  );
}

/** @throws OddflowError USAGE for columns that the output has not */
function checkPartitions(names: readonly string[], kept: readonly string[]): void {
  const columns = [...kept, SCORE_COLUMN.isAnomaly];
  for (const [k, name] of names.entries()) {
    const problem = columns.includes(name)
      ? names.indexOf(name) < k
        ? "it is named twice; name it once"
        : undefined
      : `the output has no such column to make folders of; it has ${columns.slice(0, 12).join(", ")}${columns.length > 12 ? ", ..." : ""}`;
    if (problem !== undefined) throw new OddflowError("USAGE", `--partition-by ${name}: ${problem}`);
  }
}

/** Sees that an output is nobody's yet, and makes it this plan's. */
async function claimOutput(plan: ShardPlan): Promise<void> {
  const { out } = plan;
  const others = await readdir(plansFolder(out)).catch(() => []);
  if (others.length > 0) {
    throw new OddflowError(
      "OUTPUT_UNWRITABLE",
      `shard plan: ${out} is what plan ${others[0]} is for; commit that, or remove ${plansFolder(out)} to give it up`,
    );
  }
  if (!isOneFile(out)) {
    const [found] = (await readdir(out).catch(() => [])).filter(
      (name) => name !== basename(plansFolder(out)),
    );
    if (found !== undefined) {
      throw new OddflowError(
        "OUTPUT_UNWRITABLE",
        `shard plan: ${out} holds ${found} already, which would be read as if it were scored now; name an empty folder`,
      );
    }
  }
  await mkdir(foldersOf(plan).all, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
    const where = isOneFile(out) ? dirname(out) : out;
    throw new OddflowError(
      "OUTPUT_UNWRITABLE",
      `shard plan: ${join(where)} cannot be written: the system says ${cause.code}; name a folder that can be made`,
      { cause },
    );
  });
}

/** Leaves an output to others, of which nothing has been written. */
export async function giveUpOutput(plan: ShardPlan): Promise<void> {
  for (const folder of [foldersOf(plan).all, plansFolder(plan.out)]) {
    await rmdir(folder).catch(() => undefined);
  }
}
