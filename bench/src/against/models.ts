import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { FLOWS_TABLE } from "../inputs.ts";
import { runProgram } from "../processes/run-program.ts";
import type { Build } from "./build.ts";

/** A build, and what its own command has trained. */
export interface TrainedBuild extends Build {
  readonly oddflow: string;
  readonly scoreBatch: string;
  /** Where its commands write. */
  readonly output: string;
  /** What `oddflow train` makes when nothing is asked for. */
  readonly byDefault: string;
  /** The same, which sees each flow by itself; the default detector of a build that knows no context. */
  readonly withoutContext: string;
}

/** Trains them on the fixture, into a folder. */
export async function trainDetectors(
  build: Build,
  folder: string,
  options: readonly string[],
): Promise<TrainedBuild> {
  mkdirSync(folder, { recursive: true });
  const oddflow = join(build.folder, "packages/cli/bin/oddflow.js");
  const scoreBatch = join(build.folder, "packages/cli/bin/score-batch.cjs");
  if (!existsSync(scoreBatch)) throw new Error(`bench: ${build.name} has no ${scoreBatch}`);
  const help = await runProgram(process.execPath, [oddflow, "train", "--help"]);
  const train = async (name: string, ...context: readonly string[]): Promise<string> => {
    const model = join(folder, `${name}.onnx`);
    const all = ["--seed", "1", ...options, ...context];
    await runProgram(process.execPath, [oddflow, "train", FLOWS_TABLE, "-o", model, ...all]);
    return model;
  };
  process.stdout.write(`training the detectors of ${build.name}\n`);
  const byDefault = await train("by-default");
  const withoutContext = help.includes("--context ")
    ? await train("without-context", "--context", "off")
    : byDefault;
  return { ...build, oddflow, scoreBatch, output: folder, byDefault, withoutContext };
}
