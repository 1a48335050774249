import { type ChildProcess, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runHere } from "./in-process.ts";
import { type Finished, FLOWS, ROOT, readNdjson, readNumbers, run, temporaryFolder } from "./run-cli.ts";

/*
 * The fixture's 24,000 flows are scored by one thread; three times the same file are enough for workers, and their nine row
 * groups are no multiples of what is scored at once.
 */
const THREE = [FLOWS, FLOWS, FLOWS];
const ROWS = 24_000;
const NAMES = ["score", "is_anomaly", "probability"];

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
/** Of a model that sees flows in their context. */
const IN_CONTEXT = ["-m", at("context.onnx"), "--oddest", "3"];
let alone: Finished;
let twice: Finished;
/** Of a CSV of twice the fixture that is large enough to be shared. */
let csv: readonly string[];

beforeAll(async () => {
  alone = await runHere("score-batch", [
    FLOWS,
    "-o",
    at("alone.parquet"),
    "--columns",
    "keys",
    "--threads",
    "1",
  ]);
  const small = "--subset 0.1 --hidden 8 --latent 2 --epochs 1 --clean off --attacks-in-training 0".split(
    " ",
  );
  const trained = await runHere("oddflow", ["train", FLOWS, "-o", at("context.onnx"), ...small]);
  twice = await runHere("score-batch", [
    FLOWS,
    FLOWS,
    "-o",
    at("twice.csv"),
    ...IN_CONTEXT,
    "--threads",
    "1",
  ]);
  expect([alone.status, trained.status, twice.status]).toEqual([0, 0, 0]);
  csv = readFileSync(at("twice.csv"), "utf8").trimEnd().split("\n").map(withoutScores);
});

/** A line as it was before scoring. */
function withoutScores(line: string): string {
  return line.split(",").slice(0, -NAMES.length).join(",");
}

/** The numbers of a column that scoring added, of lines of CSV behind their header. */
function addedNumbers(lines: readonly string[], name: string): Float32Array {
  const place = NAMES.indexOf(name) - NAMES.length;
  return Float32Array.from(lines.slice(1), (line) => Number(line.split(",").at(place)));
}

/** The counts of a summary. */
function counts({ stdout }: Finished): { flows: number; alerts: number; missing: number; unseen: number[] } {
  const number = (text: string | undefined): number => Number(text?.replaceAll(",", ""));
  const line = (name: string): string => new RegExp(`^${name} +(.*)$`, "m").exec(stdout)?.[1] ?? "";
  const first = (name: string): number => number(/^[0-9,]+/.exec(line(name))?.[0]);
  return {
    flows: first("flows"),
    alerts: first("alerts"),
    missing: first("missing"),
    unseen: line("unseen")
      .split(", ")
      .map((text) => number(text.split(" ").at(-1))),
  };
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Partial<Finished>>;
}

/** Starts scoring files into a folder of this name. */
function startScoring(name: string, files: readonly string[], ...options: string[]): Started {
  mkdirSync(at(name));
  const program = join(ROOT, "packages/cli/bin/score-batch.cjs");
  const child = spawn(process.execPath, [
    program,
    ...files,
    "-o",
    at(`${name}/scored.parquet`),
    "--threads",
    "2",
    ...options,
  ]);
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Partial<Finished>>((resolve) =>
    child.on("close", (status) => resolve({ status, stderr })),
  );
  return { child, ended };
}

/** The same, and waits until it is in the middle: the first row groups have been written. */
async function startWriting(name: string, copies = 40): Promise<Started> {
  const { child, ended } = startScoring(name, new Array<string>(copies).fill(FLOWS));
  const isWriting = (): boolean =>
    readdirSync(at(name)).some((file) => file.endsWith(".tmp") && statSync(at(`${name}/${file}`)).size > 0);
  while (child.exitCode === null && !isWriting()) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { child, ended };
}

/** The processes that share the work. */
function workersOf({ pid }: ChildProcess): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean)
    .map(Number);
}

async function expectLost(ended: Started["ended"]): Promise<void> {
  const { status, stderr } = await ended;
  expect(stderr).toMatch(/^score-batch: score: one of the processes [^\n]*SIGKILL[^\n]*--threads 1[^\n]*\n$/);
  expect(status).toBe(3);
}

describe("scoring in several threads", () => {
  test.each([1, 3, 10])("with %i gives what one thread gives, to the last bit", async (threads) => {
    const out = at(`threads-${threads}.parquet`);
    const finished = await run("score-batch", [
      ...THREE,
      "-o",
      out,
      "--columns",
      "keys",
      "--threads",
      `${threads}`,
    ]);
    expect([finished.status, finished.stderr]).toEqual([0, ""]);
    const expected = await readNumbers(at("alone.parquet"), ["flow_id", ...NAMES]);
    const found = await readNumbers(out, ["flow_id", ...NAMES]);
    for (const [name, values] of expected) {
      expect(values).toHaveLength(ROWS);
      const thrice = new Float32Array(3 * ROWS);
      for (const copy of [0, 1, 2]) thrice.set(values, copy * ROWS);
      expect(found.get(name), name).toEqual(thrice);
    }
    const once = counts(alone);
    expect(once.unseen.length).toBeGreaterThan(1);
    expect(counts(finished)).toEqual({
      flows: 3 * ROWS,
      alerts: 3 * once.alerts,
      missing: 3 * once.missing,
      unseen: once.unseen.map((count) => 3 * count),
    });
  });

  test.runIf(existsSync("/proc/self/task"))(
    "shares the files of a glob as those that are named",
    async () => {
      mkdirSync(at("glob"));
      for (const file of THREE.keys()) copyFileSync(FLOWS, at(`glob/day-${file}.parquet`));
      const { child, ended } = startScoring("globbed", [at("glob/*.parquet")]);
      while (child.exitCode === null && workersOf(child).length === 0)
        await new Promise((resolve) => setTimeout(resolve, 5));
      expect(workersOf(child)).toHaveLength(1);
      expect(await ended).toMatchObject({ status: 0, stderr: "" });
      const found = await readNumbers(at("globbed/scored.parquet"), ["score"]);
      expect(found.get("score")).toHaveLength(3 * ROWS);
    },
  );

  test("sees flows in the context that one thread sees", async () => {
    const options = [...IN_CONTEXT, "--columns", "none"];
    const said: string[] = [];
    for (const threads of ["1", "3"]) {
      const out = at(`context-${threads}.parquet`);
      const score = threads === "1" ? runHere : run;
      const finished = await score("score-batch", [...THREE, "-o", out, ...options, "--threads", threads]);
      expect([finished.status, finished.stderr]).toEqual([0, ""]);
      said.push(finished.stdout.replaceAll(/^(flows .* in|written).*$/gm, ""));
    }
    expect(said[1]).toBe(said[0]);
    const expected = await readNumbers(at("context-1.parquet"), NAMES);
    expect(expected.get("score")).toHaveLength(3 * ROWS);
    expect(await readNumbers(at("context-3.parquet"), NAMES)).toEqual(expected);
  });

  test("sees flows of a large CSV in the context that a table of the same flows gives them", async () => {
    writeFileSync(at("large-context.csv"), `${csv.join("\n")}\n`);
    expect(statSync(at("large-context.csv")).size).toBeGreaterThan(10_000_000);
    const options = ["-o", at("scored-context.csv"), ...IN_CONTEXT, "--threads", "3"];
    const { status, stderr, stdout } = await run("score-batch", [at("large-context.csv"), ...options]);
    expect([status, stderr]).toEqual([0, ""]);
    const alerts = (text: string): string | undefined => /^alerts .*\nunseen .*$/m.exec(text)?.[0];
    expect(alerts(stdout)).toBe(alerts(twice.stdout));
    const [found, expected] = ["scored-context.csv", "twice.csv"].map((name) => {
      const lines = readFileSync(at(name), "utf8").trimEnd().split("\n");
      return ["score", "probability"].map((column) => addedNumbers(lines, column));
    });
    expect(found).toEqual(expected);
  });

  test("scores a large file of JSON lines as a table of the same flows, and leaves out what is no flow", async () => {
    await runHere("score-batch", [FLOWS, "-o", at("some.ndjson"), "--threads", "1"]);
    const flows = readFileSync(at("some.ndjson"), "utf8").trimEnd().split("\n").slice(0, 4000);
    const note = "x".repeat(6500);
    const lines = flows.map((line) => `${line.slice(0, line.indexOf(',"score":'))},"note":"${note}"}`);
    const event = '{"event_type":"dns","timestamp":"2025-01-01T00:00:00Z","flow_id":1}';
    writeFileSync(at("large.ndjson"), `${lines.toSpliced(2000, 0, event, "").join("\n")}\n`);
    expect(statSync(at("large.ndjson")).size).toBeGreaterThan(25_000_000);
    const score = (out: string): Promise<Finished> =>
      run("score-batch", [at("large.ndjson"), "-o", out, ...IN_CONTEXT]);
    const table = await score(at("large-json.parquet"));
    const shards = await score(at("large-json.ndjson"));
    const said = ({ stdout }: Finished): string => stdout.replaceAll(/^(flows .* in|written).*$/gm, "");
    expect([shards.status, shards.stderr, said(shards)]).toEqual([0, "", said(table)]);
    expect(said(table)).toContain("left out   1 record with the event_type dns");
    expect(await readNumbers(at("large-json.ndjson"), ["score", "probability"])).toEqual(
      await readNumbers(at("large-json.parquet"), ["score", "probability"]),
    );
    const written = readFileSync(at("large-json.ndjson"), "utf8").trimEnd().split("\n");
    expect(written.map((line) => `${line.slice(0, line.indexOf(',"score":'))}}`)).toEqual(lines);
  });

  test("names the same columns and reasons, and the oddest flows of all", async () => {
    const options = ["--top", "2", "--columns", "none", "--oddest", "6", "--budget", "0.02"];
    await runHere("score-batch", [FLOWS, "-o", at("why.ndjson"), ...options, "--threads", "1"]);
    const { status, stdout } = await run("score-batch", [...THREE, "-o", at("whys.ndjson"), ...options]);
    expect(status).toBe(0);
    const once = readFileSync(at("why.ndjson"), "utf8");
    expect(readFileSync(at("whys.ndjson"), "utf8")).toBe(once.repeat(3));
    const scores = readNdjson(at("why.ndjson")).map(({ score }) => Number(score));
    const [first = 0, second = 0] = scores
      .map((_, row) => row)
      .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
    const rows = [...stdout.matchAll(/^ *([0-9,]+) +[0-9.e+]+ +[0-9]+ %/gm)].map(([, row]) =>
      Number(row?.replaceAll(",", "")),
    );
    expect(rows).toEqual([first, second].flatMap((row) => [0, 1, 2].map((copy) => row + copy * ROWS + 1)));
  });

  test("as CSV has one header and every row", async () => {
    const out = at("scored.csv");
    const { status } = await run("score-batch", [...THREE, "-o", out, "--columns", "keys"]);
    expect(status).toBe(0);
    const lines = readFileSync(out, "utf8").trim().split("\n");
    expect(lines).toHaveLength(3 * ROWS + 1);
    expect(lines.filter((line) => line.includes("is_anomaly"))).toHaveLength(1);
    expect(lines[0]).toContain("flow_id,");
    expect(addedNumbers(lines, "score").subarray(2 * ROWS)).toEqual(
      (await readNumbers(at("alone.parquet"), ["score"])).get("score"),
    );
  });

  test("a large CSV becomes one with its rows as they were and their scores behind them, and so it does if a line of it is odd", async () => {
    const [header = ""] = csv;
    const expected = (await readNumbers(at("alone.parquet"), ["score"])).get("score");
    const inOrder = [...csv, ""];
    const again = [...csv.slice(0, 30_000), header, ...csv.slice(30_000), ""];
    for (const [name, written] of Object.entries({ "large.csv": inOrder, "joined.csv": again })) {
      writeFileSync(at(name), written.join("\n"));
      expect(statSync(at(name)).size).toBeGreaterThan(10_000_000);
      const options = ["-o", at(`scored-${name}`), "--threads", "3"];
      const { status, stdout } = await run("score-batch", [at(name), ...options]);
      expect(status).toBe(0);
      expect(stdout.includes("left out   1 header line")).toBe(name === "joined.csv");
      const scored = readFileSync(at(`scored-${name}`), "utf8")
        .trimEnd()
        .split("\n");
      expect(scored[0]).toBe(`${header},${NAMES.join(",")}`);
      expect(scored.map(withoutScores)).toEqual(csv);
      const scores = addedNumbers(scored, "score");
      for (const copy of [0, 1]) expect(scores.subarray(copy * ROWS, (copy + 1) * ROWS)).toEqual(expected);
    }
  });

  test("refuses a damaged file in one line and writes nothing", async () => {
    const bytes = readFileSync(FLOWS);
    bytes.fill(0, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 20_000);
    writeFileSync(at("damaged.parquet"), bytes);
    mkdirSync(at("refused"));
    const files = [FLOWS, FLOWS, at("damaged.parquet")];
    const { status, stderr } = await run("score-batch", [...files, "-o", at("refused/scored.parquet")]);
    expect(status).toBe(3);
    expect(stderr).toMatch(
      /^score-batch: .*damaged\.parquet cannot be read as Parquet: it is damaged [^\n]*\n$/,
    );
    expect(readdirSync(at("refused"))).toEqual([]);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("ends on %s and leaves nothing behind", async (signal) => {
    const { child, ended } = await startWriting(signal);
    child.kill(signal);
    expect(await ended).toMatchObject({ status: 130 });
    expect(readdirSync(at(signal))).toEqual([]);
  });

  test("what it leaves when it is killed, the next run for the same output removes", async () => {
    const { child, ended } = await startWriting("killed");
    child.kill("SIGKILL");
    await ended;
    expect(readdirSync(at("killed"))).not.toEqual([]);
    await runHere("score-batch", [FLOWS, "-o", at("killed/scored.parquet"), "--columns", "none"]);
    expect(readdirSync(at("killed"))).toEqual(["scored.parquet"]);
  });

  test.runIf(existsSync("/proc/self/task"))("says that a process was killed, in one line", async () => {
    const { child, ended } = await startWriting("halved");
    process.kill(workersOf(child)[0] ?? 0, "SIGKILL");
    await expectLost(ended);
    expect(readdirSync(at("halved"))).toEqual([]);
  });

  test.runIf(existsSync("/proc/self/task"))("and so it does before any of it is counted", async () => {
    const { child, ended } = startScoring("started", THREE, "-m", at("context.onnx"));
    while (workersOf(child).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    process.kill(workersOf(child)[0] ?? 0, "SIGKILL");
    await expectLost(ended);
    expect(readdirSync(at("started"))).toEqual([]);
  });

  test("says that its folder has gone, in one line", async () => {
    const { ended } = await startWriting("gone", 6);
    renameSync(at("gone"), at("gone-elsewhere"));
    const { status, stderr } = await ended;
    expect(stderr).toMatch(/^score-batch: write output: [^\n]* there is no folder [^\n]*\n$/);
    expect(status).toBe(3);
  });
});
