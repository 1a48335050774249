import type { Argv } from "yargs";
import { formatQuality, formatSuppressed } from "../format-summary.ts";
import { rate } from "../progress.ts";
import { type Command, interruptSignal } from "../run-command.ts";
import { alarmsText } from "../run-scoring.ts";
import { oneLine, print } from "../terminal.ts";
import { commitShards, type Manifest } from "./commit-shards.ts";
import { foldersOf } from "./shard-folders.ts";
import { readPlan, type ShardPlan } from "./shard-plan.ts";

interface CommitArguments {
  plan: string;
}

export const commitShardsCommand: Command<CommitArguments> = {
  builder: (parser) =>
    parser
      .positional("plan", { type: "string", demandOption: true, describe: "What shard plan wrote" })
      .example("$0 shard commit plan.json", "") as Argv<CommitArguments>,
  handler: commit,
};

async function commit({ plan: path }: CommitArguments): Promise<void> {
  const signal = interruptSignal();
  const plan = await readPlan(path);
  const { manifest, isNew } = await commitShards(plan, path, signal);
  print(commitText(plan, manifest));
  print(`${isNew ? "written  " : "committed"}  ${oneLine(plan.out)}, ${filesText(manifest)}\n`);
}

function filesText({ files }: Manifest): string {
  return `${rate(files.length)} ${files.length === 1 ? "file" : "files"}`;
}

/** In the words of `score-batch`. */
function commitText(plan: ShardPlan, manifest: Manifest): string {
  const { flows, alerts, suppressed, missing, unseen, shards, threshold, model } = manifest;
  const { share, rate: rateText, caution } = plan.scoring;
  const part = flows === 0 ? 0 : (100 * alerts) / flows;
  const lines = [
    `flows      ${rate(flows)} in ${rate(shards)} shards\n`,
    `alerts     ${rate(alerts)} (${part.toFixed(2)} %), score ${Number(threshold).toPrecision(4)} or more\n`,
    ...formatSuppressed(new Map(Object.entries(suppressed))).map((line) => `${line}\n`),
    formatQuality({ missing, unseen: new Map(Object.entries(unseen)) }),
    rateText === undefined ? "" : `rate       ${rateText}\n`,
    `model      ${oneLine(model.path)}\n`,
    alarmsText({ flows, alerts }, share),
    caution === undefined ? "" : `note       ${caution}\n`,
    plan.replaced.length === 0 ? "" : `replaced   the table's own ${plan.replaced.map(oneLine).join(", ")}\n`,
    ...plan.notes.map((note) => `note       ${oneLine(note)}\n`),
    `manifest   ${oneLine(foldersOf(plan).manifest)}\n`,
  ];
  return lines.join("");
}
