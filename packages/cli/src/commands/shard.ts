import type { Argv } from "yargs";
import type { Command } from "../run-command.ts";
import { commitShardsCommand } from "../shard/commit-shards-command.ts";
import { makePlanCommand } from "../shard/make-plan-command.ts";
import { runShardCommand } from "../shard/run-shard-command.ts";

/** Three commands in one. */
export const shardCommand: Command<unknown> = {
  builder: (parser) =>
    parser
      .command({
        command: "plan <flows..>",
        describe: "Share the row groups of Parquet files out among shards",
        ...makePlanCommand,
      })
      .command({ command: "run <plan> [numbers..]", describe: "Score shards of a plan", ...runShardCommand })
      .command({
        command: "commit <plan>",
        describe: "Make one table or one folder of the shards of a plan",
        ...commitShardsCommand,
      })
      .demandCommand(1, "name what to do: plan, run or commit") as Argv<unknown>,
  handler: () => {},
};
