import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { query } from "./inputs.ts";
import { fromRoot } from "./places.ts";

const TEXT_FLOWS = 6000;
const PARQUET_FLOWS = 60_000;
const SMALL_NETWORK = [
  "--subset",
  "2000",
  "--hidden",
  "8",
  "--latent",
  "2",
  "--dropout",
  "0",
  "--epochs",
  "1",
];

/** What is read, twice: two of a name have as many flows, in another order. Those of text have as many bytes, too. */
export interface DisturbedInputs {
  readonly folder: string;
  readonly others: string;
}

/** A command and the files that it reads, by their names in a folder of its own. */
export interface DisturbedCommand {
  readonly name: string;
  /** @param place gives the path of an input or output by its name */
  command(place: (name: string) => string): readonly string[];
  readonly inputs: readonly string[];
  /** The model that it opens. */
  readonly model?: string;
  readonly output?: string;
  /** The input that comes in on standard input. */
  readonly piped?: string;
  /** Whether what it prints is its result, and the same whenever it runs. */
  readonly prints: boolean;
}

/** @param model another model than the shipped one */
export async function makeDisturbedInputs(folder: string, model: Uint8Array): Promise<DisturbedInputs> {
  const inputs = { folder: join(folder, "inputs"), others: join(folder, "others") };
  const flows = join(folder, "made.parquet");
  mkdirSync(folder, { recursive: true });
  run(fromRoot("scripts/dist/make-flows.js"), String(PARQUET_FLOWS), flows);
  for (const [place, order] of [
    [inputs.folder, "ASC"],
    [inputs.others, "DESC"],
  ] as const) {
    mkdirSync(place, { recursive: true });
    const some = `(FROM '${flows}' WHERE flow_id <= ${TEXT_FLOWS} ORDER BY flow_id ${order})`;
    const write = (from: string, name: string, options: string): string =>
      `COPY ${from} TO '${join(place, name)}' (${options})`;
    await query(
      write(
        `(FROM '${flows}' ORDER BY flow_id ${order})`,
        "large.parquet",
        "FORMAT parquet, ROW_GROUP_SIZE 20480",
      ),
      write(
        `(FROM '${flows}' WHERE flow_id % 2 = 0 ORDER BY flow_id ${order})`,
        "part-0.parquet",
        "FORMAT parquet",
      ),
      write(
        `(FROM '${flows}' WHERE flow_id % 2 = 1 ORDER BY flow_id ${order})`,
        "part-1.parquet",
        "FORMAT parquet",
      ),
      write(some, "flows.csv", "FORMAT csv"),
      write(some, "flows.ndjson", "FORMAT json"),
    );
    const text = readFileSync(join(place, "flows.csv"), "utf8");
    let line = 0;
    writeFileSync(
      join(place, "mixed.csv"),
      text.replace(/\n/g, () => (line++ % 2 === 0 ? "\n" : "\r\n")),
    );
    writeFileSync(join(place, "flows.csv.gz"), gzipSync(text));
  }
  writeFileSync(join(inputs.folder, "model.onnx"), readFileSync(fromRoot("fixtures/unsw-nb15.onnx")));
  writeFileSync(join(inputs.others, "model.onnx"), model);
  return inputs;
}

const score = (
  name: string,
  output: string,
  inputs: readonly string[],
  ...options: readonly string[]
): DisturbedCommand => ({
  name: `score-batch, ${name}`,
  command: (place) => [
    program("score-batch.cjs"),
    ...inputs.map(place),
    ...["-m", place("model.onnx"), "-o", place(output), ...options],
  ],
  inputs,
  model: "model.onnx",
  output,
  prints: false,
});

/** @param given what `oddflow` is given; its result is what it prints */
const print = (
  name: string,
  inputs: readonly string[],
  given: (place: (name: string) => string) => readonly string[],
): DisturbedCommand => ({
  name,
  command: (place) => [program("oddflow.js"), ...given(place)],
  inputs,
  prints: true,
});

const evaluate = (input: string): DisturbedCommand => ({
  ...print(`evaluate, ${input}`, [input], (place) => [
    ...["evaluate", place(input), "-m", place("model.onnx"), "--json"],
  ]),
  model: "model.onnx",
});

const train = (input: string): DisturbedCommand => ({
  ...print(`train, ${input}`, [input], (place) => [
    ...["train", place(input), "-o", place("new.onnx"), ...SMALL_NETWORK],
  ]),
  output: "new.onnx",
  prints: false,
});

export const DISTURBED_COMMANDS: readonly DisturbedCommand[] = [
  score("CSV", "scored.csv", ["flows.csv"], "--budget", "50/day"),
  score("Parquet, 1 worker", "scored.parquet", ["large.parquet"], "--threads", "2"),
  train("flows.csv"),
  score("JSON lines", "scored.ndjson", ["flows.ndjson"]),
  evaluate("part-0.parquet"),
  score("CSV that is copied first", "scored.parquet", ["mixed.csv"]),
  {
    ...print("recalibrate", ["part-0.parquet"], (place) => [
      ...[
        "recalibrate",
        place("model.onnx"),
        place("part-0.parquet"),
        "--limit",
        "1",
        "-o",
        place("new.onnx"),
      ],
    ]),
    model: "model.onnx",
    output: "new.onnx",
    prints: false,
  },
  score(
    "two Parquet files to CSV, 2 workers",
    "scored.csv",
    ["part-0.parquet", "part-1.parquet"],
    "--threads",
    "3",
  ),
  {
    ...print("drift", ["flows.ndjson"], (place) => [
      ...["drift", place("model.onnx"), place("flows.ndjson"), "--json", "--limit", "1000"],
    ]),
    model: "model.onnx",
  },
  score("Parquet, no worker", "scored.parquet", ["large.parquet"], "--threads", "1"),
  train("part-0.parquet"),
  score("packed CSV to JSON lines", "scored.ndjson", ["flows.csv.gz"], "--top", "2"),
  evaluate("flows.csv"),
  {
    ...print("evaluate --report", ["flows.csv"], (place) => [
      ...["evaluate", place("flows.csv"), "-m", place("model.onnx"), "--report", place("report.html")],
    ]),
    model: "model.onnx",
    output: "report.html",
    prints: false,
  },
  {
    name: "score-batch, pipe",
    command: (place) => [program("score-batch.cjs"), "-", "-m", place("model.onnx")],
    inputs: [],
    model: "model.onnx",
    piped: "flows.ndjson",
    prints: true,
  },
];

function program(name: string): string {
  return fromRoot(`packages/cli/bin/${name}`);
}

function run(...command: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, command, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
}
