import yargs from "yargs";
import { describeMachine } from "./detection/results-file.ts";
import { formatTargets } from "./format.ts";
import { Recorder } from "./recorder.ts";
import { summariseRun, writeResults } from "./results.ts";
import { SECTIONS } from "./sections/index.ts";

/** `pnpm bench [--only SECTION]`: every section, a table each, then what the targets say; `--help` says what there is. */
const args = process.argv.slice(2);
// pnpm hands on the -- that npm would take away.
const { only } = await yargs(args[0] === "--" ? args.slice(1) : args)
  .scriptName("pnpm bench")
  .usage("$0: how fast Oddflow is on this machine, beside the usual ways to do the same in Python")
  .option("only", {
    requiresArg: true,
    choices: [...SECTIONS.keys()],
    describe: "One section  [default: all]",
  })
  .strict()
  .version(false)
  .showHelpOnFail(false)
  .wrap(110)
  .parseAsync();

const began = performance.now();
const machine = describeMachine();
process.stdout.write(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}\n`);
const recorder = new Recorder();
for (const [name, run] of SECTIONS) {
  if (only === undefined || only === name) await run(recorder);
}
const results = await summariseRun(recorder, began, only);
process.stdout.write(formatTargets(results.targets));
process.stdout.write(`\n${results.seconds} s. Every figure: ${await writeResults(results)}\n`);
