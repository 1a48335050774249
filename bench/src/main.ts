import { readFile } from "node:fs/promises";
import yargs from "yargs";
import { compareWith } from "./against/against.ts";
import { type ComparedBuild, compareResults, onlyInOne } from "./against/comparison.ts";
import { formatComparisons } from "./against/format-comparisons.ts";
import { TINY, WHOLE } from "./against/scale.ts";
import { describeMachine } from "./detection/results-file.ts";
import { formatTargets } from "./format.ts";
import { Recorder } from "./recorder.ts";
import { type BenchResults, summariseRun, writeResults } from "./results.ts";
import { SECTIONS } from "./sections/index.ts";

/** `pnpm bench`: every section, a table each, then what the targets say; `--help` says what else there is. */
const AGAINST = "against";
const args = process.argv.slice(2);
// pnpm hands on the -- that npm would take away.
const { only, against, tiny, compare } = await yargs(args[0] === "--" ? args.slice(1) : args)
  .scriptName("pnpm bench")
  .usage("$0: how fast Oddflow is on this machine, beside the usual ways to do the same in Python")
  .option("only", {
    requiresArg: true,
    choices: [...SECTIONS.keys(), AGAINST],
    describe: "One section  [default: all]",
  })
  .option("against", {
    requiresArg: true,
    type: "string",
    describe:
      "A commit, which is built in a temporary folder, or the folder of a built one: run it, too, in turns",
  })
  .option("tiny", {
    type: "boolean",
    implies: "against",
    describe:
      "Few flows and one round of --against alone: says whether results are right, not how fast they come",
  })
  .option("compare", {
    requiresArg: true,
    type: "string",
    nargs: 2,
    array: true,
    conflicts: ["only", "against"],
    describe: "Two results files, the former first: what got slower; nothing is run",
  })
  .check(
    (given) =>
      given.only !== AGAINST || given.against !== undefined || "--only against needs --against COMMIT",
  )
  .strict()
  .version(false)
  .showHelpOnFail(false)
  .wrap(110)
  .parseAsync();

if (compare !== undefined) {
  const [before, now] = await Promise.all(compare.map(readResults));
  if (before === undefined || now === undefined) throw new Error("bench: --compare needs two results files");
  process.stdout.write(formatComparisons(compareResults(before, now), compare[0] ?? ""));
  for (const name of onlyInOne(before, now)) process.stdout.write(`no longer there: ${name}\n`);
} else {
  await runBench();
}

async function runBench(): Promise<void> {
  const began = performance.now();
  const machine = describeMachine();
  process.stdout.write(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}\n`);
  const recorder = new Recorder();
  for (const [name, run] of SECTIONS) {
    if (!tiny && (only === undefined || only === name)) await run(recorder);
  }
  let compared: ComparedBuild | undefined;
  if (against !== undefined && (only === undefined || only === AGAINST)) {
    compared = await compareWith(recorder, against, tiny ? TINY : WHOLE);
  }
  if (tiny) {
    const right = compared?.comparisons.length ?? 0;
    process.stdout.write(
      `\n${right} cases gave right results with both builds; what they took says nothing\n`,
    );
    return;
  }
  const results = await summariseRun(recorder, { began, only, against: compared });
  process.stdout.write(formatTargets(results.targets));
  process.stdout.write(`\n${results.seconds} s. Every figure: ${await writeResults(results)}\n`);
}

async function readResults(path: string): Promise<BenchResults> {
  return JSON.parse(await readFile(path, "utf8")) as BenchResults;
}
