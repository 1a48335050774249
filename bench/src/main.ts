import yargs from "yargs";
import { describeMachine } from "./detection/results-file.ts";
import { formatTargets } from "./format.ts";
import { PARTS } from "./parts/index.ts";
import { Recorder } from "./recorder.ts";
import { summariseRun, writeResults } from "./results.ts";

/** `pnpm bench [--only PART]`: every part, a table each, then what the targets say; `--help` says what there is. */
const args = process.argv.slice(2);
// pnpm hands on the -- that npm would take away.
const { only } = await yargs(args[0] === "--" ? args.slice(1) : args)
  .scriptName("pnpm bench")
  .usage("$0: how fast Oddflow is on this machine, beside the usual ways to do the same in Python")
  .option("only", { requiresArg: true, choices: [...PARTS.keys()], describe: "One part  [default: all]" })
  .strict()
  .version(false)
  .showHelpOnFail(false)
  .wrap(110)
  .parseAsync();

const began = performance.now();
const machine = describeMachine();
process.stdout.write(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}\n`);
const recorder = new Recorder();
for (const [name, run] of PARTS) {
  if (only === undefined || only === name) await run(recorder);
}
const results = await summariseRun(recorder, began, only);
process.stdout.write(formatTargets(results.targets));
process.stdout.write(`\n${results.seconds} s. Every figure: ${await writeResults(results)}\n`);
