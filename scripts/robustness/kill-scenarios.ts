import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createScorer } from "@oddflow/inference/node";
import { fromRoot } from "./places.ts";

const FLOWS = 80_000;
const SMALL_NETWORK = [
  "--subset",
  "4000",
  "--hidden",
  "16",
  "--latent",
  "4",
  "--dropout",
  "0",
  "--epochs",
  "3",
];

/** A command that may be killed. Its outputs are whole after a run that nobody disturbs. */
export interface KillScenario {
  readonly name: string;
  /** The program and what it is given. */
  readonly command: readonly string[];
  /** What it writes, in a folder of its own. */
  readonly outputs: readonly string[];
  /** Whether Ctrl-C may leave another whole output, of what was reached by then. */
  readonly keepsWhatIsReached: boolean;
}

/** Files that the scenarios read, made once. */
export interface KillInputs {
  readonly large: string;
  readonly csv: string;
  readonly ndjson: string;
  readonly model: string;
}

/** Makes a table that is worth several processes, small ones as text, and a model. */
export function makeKillInputs(folder: string): KillInputs {
  const inputs = {
    large: join(folder, "large.parquet"),
    csv: join(folder, "small.csv"),
    ndjson: join(folder, "small.ndjson"),
    model: fromRoot("fixtures/unsw-nb15.onnx"),
  };
  const fixture = fromRoot("fixtures/flows.parquet");
  run(fromRoot("scripts/dist/make-flows.js"), String(FLOWS), inputs.large);
  for (const text of [inputs.csv, inputs.ndjson]) run(program("score-batch.cjs"), fixture, "-o", text);
  return inputs;
}

/** Every command that writes a file, `score-batch` in one, two and four processes. */
export function listKillScenarios({ large, csv, ndjson, model }: KillInputs, folder: string): KillScenario[] {
  const out = (name: string): string => join(folder, name);
  const fixture = fromRoot("fixtures/flows.parquet");
  const score = (name: string, output: string, ...rest: string[]): KillScenario => ({
    name,
    command: [program("score-batch.cjs"), ...rest, "-m", model, "-o", out(output)],
    outputs: [output],
    keepsWhatIsReached: false,
  });
  const train = (name: string, ...reports: string[]): KillScenario => ({
    name,
    command: [
      program("oddflow.js"),
      ...["train", fixture, "-o", out("model.onnx"), ...SMALL_NETWORK],
      ...reports.flatMap((report) => ["--report", out(report)]),
    ],
    outputs: ["model.onnx", ...reports],
    keepsWhatIsReached: true,
  });
  return [
    score("score-batch, Parquet, no worker", "scored.parquet", large, "--threads", "1"),
    score("score-batch, Parquet, 1 worker", "scored.parquet", large, "--threads", "2"),
    score("score-batch, Parquet, 3 workers", "scored.parquet", large, "--threads", "4"),
    score("score-batch, Parquet to CSV, 3 workers", "scored.csv", large, "--threads", "4"),
    score("score-batch, CSV", "scored.csv", csv),
    score("score-batch, JSON lines", "scored.ndjson", ndjson),
    train("train"),
    train("train --report", "report.html"),
    {
      name: "recalibrate",
      command: [
        program("oddflow.js"),
        "recalibrate",
        model,
        fixture,
        "--limit",
        "1",
        "-o",
        out("model.onnx"),
      ],
      outputs: ["model.onnx"],
      keepsWhatIsReached: false,
    },
  ];
}

/** Whether a file is whole, where it is not that of an undisturbed run: a model that opens, a page that ends. */
export async function isWhole(path: string): Promise<boolean> {
  if (path.endsWith(".html")) return readFileSync(path, "utf8").trimEnd().endsWith("</html>");
  try {
    const scorer = await createScorer(path, { provider: "cpu", threads: 1 });
    await scorer.close();
    return true;
  } catch {
    return false;
  }
}

function program(name: string): string {
  return fromRoot(`packages/cli/bin/${name}`);
}

function run(...command: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, command, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
}
