import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import type { Command } from "./run-command.ts";

/**
 * The commands of `oddflow` as its help lists them. Only the module of the one that is named is read: together they are half
 * a second's worth of database, runtime and training.
 */
export const COMMANDS: readonly CommandModule[] = [
  listed(
    "train <flows..>",
    "Train a detector on a table of flows, with or without labels, and evaluate it",
    async () => (await import("./commands/train.ts")).trainCommand,
  ),
  listed(
    "score <flows..>",
    "Score flows with a model (score-batch does the same)",
    async () => (await import("./commands/score.ts")).scoreCommand,
  ),
  listed(
    "stream",
    "Score flows from a Kafka topic into another",
    async () => (await import("./commands/stream.ts")).streamCommand,
  ),
  listed(
    "shard",
    "Score a lake in shards, on as many machines as there are: plan, run, commit",
    async () => (await import("./commands/shard.ts")).shardCommand,
  ),
  listed(
    "rules",
    "Take away or mark alarms that are known, in scored flows too: test, apply",
    async () => (await import("./commands/rules.ts")).rulesCommand,
  ),
  listed(
    "serve [model]",
    "Score flows over HTTP",
    async () => (await import("./commands/serve.ts")).serveCommand,
  ),
  listed(
    "evaluate <flows..>",
    "Say how well a model, or one trained anew, finds the attacks of a labelled table",
    async () => (await import("./commands/evaluate.ts")).evaluateCommand,
  ),
  listed(
    "compare <old> <new> <flows..>",
    "Say how far two models agree on flows, and where they do not",
    async () => (await import("./commands/compare.ts")).compareCommand,
  ),
  listed(
    "hosts <flows..>",
    "Say which hosts are odd, by the flows of a scored table",
    async () => (await import("./commands/hosts.ts")).hostsCommand,
  ),
  listed(
    "incidents <flows..>",
    "Put alarms that belong together into one, for a person or for Elastic, OCSF and syslog",
    async () => (await import("./commands/incidents.ts")).incidentsCommand,
  ),
  listed(
    "drift <model> <flows..>",
    "Say how far new flows have moved from what a model was fitted on",
    async () => (await import("./commands/drift.ts")).driftCommand,
  ),
  listed(
    "recalibrate <model> <flows..>",
    "Set a model's thresholds anew from recent flows without labels",
    async () => (await import("./commands/recalibrate.ts")).recalibrateCommand,
  ),
  listed(
    "inspect [model]",
    "Show what a model file holds",
    async () => (await import("./commands/inspect.ts")).inspectCommand,
  ),
  listed(
    "export [model]",
    "Make a model that other platforms take as it is: Spark, Triton, MLflow, BigQuery, any onnxruntime",
    async () => (await import("./commands/export.ts")).exportCommand,
  ),
  listed(
    "sign <model>",
    "Sign a model file, for those who --trust your key",
    async () => (await import("./commands/sign.ts")).signCommand,
  ),
  listed(
    "verify <model>",
    "Say whether a key has signed a model file",
    async () => (await import("./commands/verify.ts")).verifyCommand,
  ),
  listed(
    "workbench",
    "Serve a page that scores files in the browser",
    async () => (await import("./commands/workbench.ts")).workbenchCommand,
  ),
  listed(
    "fetch [dataset]",
    "Download a public data set, or list those that are known",
    async () => (await import("./commands/fetch.ts")).fetchCommand,
  ),
  listed(
    "doctor",
    "Show what can run on this machine, and why the rest cannot",
    async () => (await import("./commands/doctor.ts")).doctorCommand,
  ),
  listed("completion <shell>", "Print what completes commands and options in bash, zsh or fish", async () =>
    (await import("./commands/completion.ts")).completionCommand(COMMANDS),
  ),
];

/** What stands first behind `oddflow` in each of their command lines. */
export const COMMAND_NAMES: readonly string[] = COMMANDS.map(
  ({ command }) => String(command).split(" ", 1)[0] ?? "",
);

function listed<Options>(
  command: string,
  describe: string,
  load: () => Promise<Command<Options>>,
): CommandModule {
  return {
    command,
    describe,
    builder: async (parser: Argv) => (await load()).builder(parser),
    // What the builder has made of the arguments.
    handler: async (options) => (await load()).handler(options as ArgumentsCamelCase<Options>),
  };
}
