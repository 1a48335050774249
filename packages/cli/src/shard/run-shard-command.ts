import { randomUUID } from "node:crypto";
import { THREADS } from "@oddflow/inference";
import { OddflowError } from "@oddflow/preprocessing";
import type { Argv } from "yargs";
import { numberIn } from "../option-values.ts";
import { rate } from "../progress.ts";
import { type Command, interruptSignal } from "../run-command.ts";
import { oneLine, print } from "../terminal.ts";
import { committedManifest } from "./commit-shards.ts";
import { plannedModel, runShard } from "./run-shard.ts";
import { type ShardReceipt, shardState } from "./shard-folders.ts";
import { readPlan, type ShardPlan } from "./shard-plan.ts";

interface RunArguments {
  plan: string;
  numbers: string[] | undefined;
  missing: boolean;
  attempt: string | undefined;
  model: string | undefined;
  threads: number;
}

export const runShardCommand: Command<RunArguments> = {
  builder: (parser) =>
    parser
      .positional("plan", { type: "string", demandOption: true, describe: "What shard plan wrote" })
      .positional("numbers", { type: "string", array: true, describe: "Numbers of shards, from 0" })
      .option("missing", {
        type: "boolean",
        default: false,
        describe: "All that are not there yet, or are damaged",
      })
      .option("attempt", {
        requiresArg: true,
        type: "string",
        describe: "Whose run it is, a scheduler's name for it  [default: by chance]",
      })
      .option("model", {
        requiresArg: true,
        alias: "m",
        type: "string",
        describe: "Where the plan's model is on this machine  [default: where it was]",
      })
      .option("threads", {
        requiresArg: true,
        type: "number",
        default: 1,
        coerce: numberIn("threads", THREADS),
        describe: "Processes of one thread that share a shard",
      })
      .example("$0 shard run plan.json 3", "")
      .example(
        "$0 shard run plan.json --missing --threads 8",
        "all that are left, on this machine",
      ) as Argv<RunArguments>,
  handler: run,
};

async function run(options: RunArguments): Promise<void> {
  const signal = interruptSignal();
  const { plan: path, missing, attempt = randomUUID().slice(0, 8), threads } = options;
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(attempt))
    throw new OddflowError("USAGE", `--attempt ${attempt}: expected up to 64 letters, digits, _, . or -`);
  const planned = await readPlan(path);
  const plan =
    options.model === undefined ? planned : { ...planned, model: { ...planned.model, path: options.model } };
  const shards = shardNumbers(plan, options.numbers ?? [], missing);
  if ((await committedManifest(plan)) !== undefined) {
    print(`committed  ${oneLine(plan.out)}, so there is nothing to run\n`);
    return;
  }
  let model: Uint8Array | undefined;
  for (const shard of shards) {
    signal.throwIfAborted();
    const state = await shardState(plan, shard);
    if (state.kind === "done") {
      if (!missing) print(shardText(plan, state.receipt, "is done already"));
      continue;
    }
    model ??= await plannedModel(plan);
    const { receipt, isOwn } = await runShard(plan, shard, model, { attempt, threads, signal });
    print(shardText(plan, receipt, isOwn ? "is done" : "was done meanwhile"));
  }
}

/** @throws OddflowError USAGE */
function shardNumbers(plan: ShardPlan, texts: readonly string[], missing: boolean): readonly number[] {
  const last = plan.shards.length - 1;
  if (missing === texts.length > 0)
    throw new OddflowError("USAGE", `shard run: name shards, 0 to ${last}, or say --missing`);
  if (missing) return [...plan.shards.keys()];
  return texts.map((text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number <= last) return number;
    throw new OddflowError("USAGE", `shard run: there is no shard ${text}; the plan's are 0 to ${last}`);
  });
}

function shardText(plan: ShardPlan, { shard, attempt, flows, alerts }: ShardReceipt, what: string): string {
  return `shard      ${shard} of ${plan.shards.length} ${what}: ${rate(flows)} flows, ${rate(alerts)} alerts, attempt ${attempt}\n`;
}
