import { existsSync } from "node:fs";
import { join } from "node:path";
import { createScorer } from "@oddflow/inference/node";
import { openTable } from "@oddflow/tables";
import type { ComparedFlows } from "../data/compared-flows.ts";
import { FLOWS_TABLE, fromRoot } from "../inputs.ts";
import { type Command, nodeCommand } from "../processes/run-command.ts";
import { checkRows, checkSameScores } from "../sections/scoring/check-scored.ts";
import type { TrainedBuild } from "./models.ts";

/** A whole command that either build can be asked for. */
export interface CommandCase {
  readonly name: string;
  readonly flows: number;
  /** "ms" where the start is what counts. */
  readonly unit: "flows/s" | "ms";
  command(build: TrainedBuild): Command;
  /** Throws when what the command wrote is not right. */
  check(build: TrainedBuild): Promise<void>;
}

export const PARQUET = "Parquet to Parquet, default detector";
export const PIPE = "lines of JSON in a pipe, default detector";
export const CSV = "CSV to CSV, default detector";
export const ZEEK = "Zeek's TSV to Zeek's TSV, default detector";
const START = "a cold process to its first score";
export const SHORT = "a short table, Parquet to Parquet, default detector";
export const TRAIN = "oddflow train, default detector";

type Detector = "byDefault" | "withoutContext";

const alone = (name: string): string => name.replace("default detector", "each flow by itself");

/** The same flows in several forms. Every column comes along, as when nothing is asked for. */
export function scoringCases(flows: ComparedFlows): CommandCase[] {
  const { count } = flows;
  const piped = (build: TrainedBuild): string => join(build.output, "piped.ndjson");
  const pipe = (name: string, detector: Detector, check: CommandCase["check"]): CommandCase => ({
    name,
    flows: count,
    unit: "flows/s",
    command: (build) => ({
      line: nodeCommand(build.scoreBatch, "-", "-m", build[detector]),
      input: flows.ndjson,
      output: piped(build),
    }),
    check,
  });
  return [
    scoreTable(PARQUET, flows.parquet, count, "byDefault"),
    scoreTable(CSV, flows.csv, count, "byDefault"),
    scoreTable(ZEEK, flows.zeek, count, "byDefault"),
    // As they come is another context than by their times.
    pipe(PIPE, "byDefault", (build) => checkRows(piped(build), count)),
    scoreTable(alone(PARQUET), flows.parquet, count, "withoutContext"),
    scoreTable(alone(CSV), flows.csv, count, "withoutContext"),
    scoreTable(alone(ZEEK), flows.zeek, count, "withoutContext"),
    pipe(alone(PIPE), "withoutContext", (build) =>
      checkSameScores(piped(build), scoredTable(build, "withoutContext", count)),
    ),
  ];
}

/** What is over before much has been scored. */
export function shortCases(tenThousand: ComparedFlows): CommandCase[] {
  const firstScore = (build: TrainedBuild): string => join(build.folder, "bench/dist/first-score.js");
  return [
    { ...scoreTable(SHORT, tenThousand.parquet, tenThousand.count, "byDefault"), unit: "ms" },
    {
      name: START,
      flows: 1,
      unit: "ms",
      // It ends with an error where the score is none.
      command: (build) => ({ line: nodeCommand(firstScore(build), build.withoutContext) }),
      check: async () => undefined,
    },
  ];
}

/** Training as it is when nothing is asked for, of a real table where it is there. */
export async function trainingCase(...options: readonly string[]): Promise<CommandCase> {
  const slice = fromRoot("../shared/data/unsw-nb15/flows.parquet");
  const [path, name] = existsSync(slice) ? [slice, "UNSW-NB15's slice"] : [FLOWS_TABLE, "the fixture"];
  const table = await openTable(path);
  const flows = table.rows;
  table.close();
  const model = (build: TrainedBuild): string => join(build.output, "trained.onnx");
  return {
    name: `${TRAIN}, ${name}`,
    flows,
    unit: "ms",
    command: (build) => ({ line: nodeCommand(build.oddflow, "train", path, "-o", model(build), ...options) }),
    check: async (build) => (await createScorer(model(build), { provider: "cpu" })).close(),
  };
}

/** Where a build puts a table that it has scored. */
function scoredTable(build: TrainedBuild, detector: Detector, count: number, ending = ".parquet"): string {
  return join(build.output, `${detector}-${count}${ending}`);
}

/** A table's scores are the same whatever form it has. */
function scoreTable(name: string, input: string, count: number, detector: Detector): CommandCase {
  const ending = input.slice(input.lastIndexOf("."));
  const output = (build: TrainedBuild): string => scoredTable(build, detector, count, ending);
  return {
    name,
    flows: count,
    unit: "flows/s",
    command: (build) => ({
      line: nodeCommand(build.scoreBatch, input, "-m", build[detector], "-o", output(build)),
    }),
    check: async (build) => {
      await checkRows(output(build), count);
      if (ending !== ".parquet") await checkSameScores(output(build), scoredTable(build, detector, count));
    },
  };
}
