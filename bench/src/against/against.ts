import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createScorer } from "@oddflow/inference/node";
import { comparedFlows } from "../data/compared-flows.ts";
import { fromRoot, readFlows } from "../inputs.ts";
import { flowsPerSecond, milliseconds } from "../measurement.ts";
import { inTurns, spreadOf } from "../processes/in-turns.ts";
import { type CommandRun, runCommand } from "../processes/run-command.ts";
import type { Recorder } from "../recorder.ts";
import { type Build, openBuild, THIS_BUILD } from "./build.ts";
import { type CommandCase, scoringCases, shortCases, trainingCase } from "./command-cases.ts";
import { type ComparedBuild, type Comparison, compareRounds } from "./comparison.ts";
import { formatComparisons } from "./format-comparisons.ts";
import { type TrainedBuild, trainDetectors } from "./models.ts";
import { startModules } from "./module-cases.ts";
import type { Scale } from "./scale.ts";
import { SERVE, startServed } from "./served.ts";
import { takeFigures } from "./target-figures.ts";

/** What a case took, in seconds, a number a round. */
interface Taken {
  readonly name: string;
  readonly flows: number;
  readonly unit: Comparison["unit"];
  readonly now: readonly number[];
  /** Absent where the other build cannot do it. */
  readonly before?: readonly number[];
  readonly cpu?: number;
}

interface Pair {
  readonly now: TrainedBuild;
  readonly before: TrainedBuild;
}

/** Runs both builds' commands in turns, what each wrote first looked at. */
export async function compareWith(
  recorder: Recorder,
  commitOrFolder: string,
  scale: Scale,
): Promise<ComparedBuild> {
  const other = openBuild(commitOrFolder);
  try {
    recorder.title(`This build and ${other.name}, in turns`);
    const trained = (build: Build, folder: string): Promise<TrainedBuild> =>
      trainDetectors(build, fromRoot(`bench/data/against/${folder}`), scale.detectorOptions);
    const pair = { now: await trained(THIS_BUILD, "now"), before: await trained(other, "before") };
    const flows = await comparedFlows(scale.flows, pair.now.withoutContext);
    const few = await comparedFlows(scale.fewFlows, pair.now.withoutContext);
    const taken = [
      ...(await takeCommands(recorder, pair, scoringCases(flows), scale.rounds)),
      ...(await takeCommands(recorder, pair, shortCases(few), scale.shortRounds)),
      ...(await takeModules(pair, flows.parquet, scale)),
      await takeService(pair, few.ndjson, scale),
      ...(await takeCommands(
        recorder,
        pair,
        [await trainingCase(...scale.trainingOptions)],
        scale.trainings,
      )),
    ];
    const comparisons = taken.flatMap(({ before, ...own }) =>
      before ? [compareRounds({ ...own, before })] : [],
    );
    if (scale.isTimed) {
      for (const { name, flows: count, unit, now } of taken) {
        const subject = { section: "against", name, flows: count };
        recorder.add(unit === "ms" ? milliseconds(subject, now) : flowsPerSecond(subject, now));
      }
      process.stdout.write(formatComparisons(comparisons, other.name));
      takeFigures(recorder.figures, taken, other.commit);
    }
    const { name, commit } = other;
    return { name, ...(commit === undefined ? {} : { commit }), comparisons };
  } finally {
    other.close();
  }
}

/** Every case of every build once untimed, and looked at; then all of them in turns. */
async function takeCommands(
  recorder: Recorder,
  pair: Pair,
  cases: readonly CommandCase[],
  rounds: number,
): Promise<Taken[]> {
  const cannot = new Set<CommandCase>();
  for (const each of cases) {
    await runAndCheck(each, pair.now);
    await runAndCheck(each, pair.before).catch((error: Error) => {
      cannot.add(each);
      recorder.skip(
        `${each.name}, ${pair.before.name}`,
        error.message.replace(/^bench: .+ ended with/, "it ended with"),
      );
    });
  }
  const sides: Record<string, () => Promise<CommandRun>> = {};
  for (const each of cases) {
    sides[`${each.name}/now`] = () => runCommand(each.command(pair.now));
    if (!cannot.has(each)) sides[`${each.name}/before`] = () => runCommand(each.command(pair.before));
  }
  const runs = await inTurns(rounds, sides);
  return cases.map(({ name, flows, unit }): Taken => {
    const [now, before] = [runs[`${name}/now`] ?? [], runs[`${name}/before`]];
    const seconds = (side: readonly CommandRun[]): number[] => side.map((run) => run.seconds);
    if (before === undefined) return { name, flows, unit, now: seconds(now) };
    const cpu = spreadOf(
      now.map((run, round) => run.cpuSeconds / (before[round]?.cpuSeconds ?? Number.NaN)),
    ).median;
    return { name, flows, unit, now: seconds(now), before: seconds(before), cpu };
  });
}

async function runAndCheck(each: CommandCase, build: TrainedBuild): Promise<void> {
  await runCommand(each.command(build));
  await each.check(build);
}

async function takeModules({ now, before }: Pair, table: string, scale: Scale): Promise<Taken[]> {
  const largest = Math.max(...scale.batches);
  const start = async (build: TrainedBuild): ReturnType<typeof startModules> =>
    startModules(build, await encodedFlows(build, table, largest), scale.batches);
  const [ours, theirs] = [await start(now), await start(before)];
  const taken: Taken[] = [];
  for (const each of ours.cases) {
    const other = theirs.cases.find(({ name }) => name === each.name) ?? each;
    const rounds = await inTurns(scale.rounds, { now: () => each.time(), before: () => other.time() });
    taken.push({ name: each.name, flows: each.flows, unit: "flows/s", ...rounds });
  }
  await ours.close();
  await theirs.close();
  return taken;
}

/** What a build's model is given alone; its columns and its codes are its own. */
async function encodedFlows(build: TrainedBuild, table: string, most: number): Promise<string> {
  const scorer = await createScorer(build.withoutContext, { provider: "cpu" });
  const width = scorer.columns.length;
  const flows = (await readFlows(table, scorer.columns)).subarray(0, most * width);
  await scorer.close();
  const path = join(build.output, "flows.f32");
  await writeFile(path, flows);
  return path;
}

async function takeService({ now, before }: Pair, ndjson: string, scale: Scale): Promise<Taken> {
  const [ours, theirs] = [await startServed(now, ndjson), await startServed(before, ndjson)];
  try {
    const rounds = await inTurns(scale.rounds, {
      now: () => ours.load(scale.secondsOfLoad),
      before: () => theirs.load(scale.secondsOfLoad),
    });
    return { name: SERVE, flows: 1000, unit: "flows/s", ...rounds };
  } finally {
    await Promise.all([ours.end(), theirs.end()]);
  }
}
