import { spawn } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { command, runHere } from "./in-process.ts";
import { type Finished, FLOWS, MODEL, ROOT, readNumbers, run, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const NAMES = ["score", "is_anomaly", "probability"];
const LAKE = [FLOWS, FLOWS];
const ROWS = 48_000;

const shard = (...args: string[]): Promise<Finished> => runHere("oddflow", ["shard", ...args]);

async function done(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await shard(...args);
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

async function refused(status: number, ...args: string[]): Promise<string> {
  const finished = await shard(...args);
  expect(finished.stderr).toMatch(/^oddflow: [^\n]*\n$/);
  expect(finished.status).toBe(status);
  return finished.stderr;
}

/** What a summary counts. */
function counts(stdout: string): (string | undefined)[] {
  return ["flows +[0-9,]+", "alerts .*", "unseen .*", "missing .*"].map(
    (line) => new RegExp(`^${line}`, "m").exec(stdout)?.[0],
  );
}

/** Plans into a folder of this name. */
async function plan(name: string, lake: readonly string[], ...options: string[]): Promise<string> {
  const path = at(`${name}.json`);
  await done("plan", ...lake, "--plan", path, "-m", at("context.onnx"), "-o", at(name), ...options);
  return path;
}

/** The files and folders that are there, links into nothing aside. */
function entries(name: string): string[] {
  return readdirSync(at(name), { recursive: true }).map(String).sort();
}

/** The same beside a run, which may take a folder away while it is looked into. */
function entriesBesideRun(name: string): string[] {
  try {
    return entries(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return entriesBesideRun(name);
    throw error;
  }
}

let whole: Finished;

beforeAll(async () => {
  const small = "--subset 0.1 --hidden 8 --latent 2 --epochs 1 --clean off --attacks-in-training 0".split(
    " ",
  );
  await command("train", FLOWS, "-o", at("context.onnx"), ...small);
  whole = await runHere("score-batch", [...LAKE, "-m", at("context.onnx"), "-o", at("whole.parquet")]);
  expect(whole.status).toBe(0);
  await runHere("score-batch", [FLOWS, "-m", MODEL, "-o", at("all.csv")]);
  const lines = readFileSync(at("all.csv"), "utf8").split("\n");
  writeFileSync(at("text.csv"), `${lines.slice(0, 6001).join("\n")}\n`);
  await runHere("score-batch", [at("text.csv"), "-m", MODEL, "-o", at("other.parquet")]);
}, 60_000);

describe("a lake that is scored in shards", () => {
  test.each([4, 9])(
    "of %i, in any order, becomes the file that score-batch writes, byte for byte",
    async (shards) => {
      const path = await plan(`${shards}.parquet`, LAKE, "--shards", `${shards}`);
      for (let k = shards - 1; k >= 0; k--) await done("run", path, `${k}`);
      const said = await done("commit", path);
      expect(counts(said)).toEqual(counts(whole.stdout));
      expect(readFileSync(at(`${shards}.parquet`)).equals(readFileSync(at("whole.parquet")))).toBe(true);
      expect(existsSync(at(`${shards}.parquet.shards`))).toBe(false);
    },
  );

  test("by all options of scoring becomes what score-batch writes with them", async () => {
    const options = ["--top", "2", "--reasons", "--columns", "keys", "--budget", "0.001"];
    const path = await plan("options.parquet", LAKE, ...options, "--flows-per-shard", "9000");
    await done("run", path, "--missing", "--threads", "2");
    await done("commit", path);
    const out = at("options-whole.parquet");
    await runHere("score-batch", [...LAKE, "-m", at("context.onnx"), "-o", out, ...options]);
    expect(readFileSync(at("options.parquet")).equals(readFileSync(out))).toBe(true);
  });

  test("whose files have columns in several forms has the scores that score-batch gives", async () => {
    const lake = [FLOWS, at("other.parquet"), FLOWS];
    const path = await plan("forms.parquet", lake, "--shards", "3");
    await done("run", path, "--missing");
    await done("commit", path);
    await runHere("score-batch", [...lake, "-m", at("context.onnx"), "-o", at("forms-whole.parquet")]);
    const expected = await readNumbers(at("forms-whole.parquet"), NAMES);
    expect(expected.get("score")).toHaveLength(54_000);
    expect(await readNumbers(at("forms.parquet"), NAMES)).toEqual(expected);
  });

  test("becomes a folder with a manifest; what is done again does nothing", async () => {
    const path = await plan("lake", LAKE, "--shards", "3");
    await done("run", path, "0", "1", "2");
    const said = await done("commit", path);
    expect(counts(said)).toEqual(counts(whole.stdout));
    const parts = [0, 1, 2].map((k) => `part-0000${k}.parquet`);
    expect(entries("lake")).toEqual(["_SUCCESS", "_manifest.json", ...parts]);
    const manifest = JSON.parse(readFileSync(at("lake/_manifest.json"), "utf8"));
    expect(manifest).toMatchObject({ oddflow: "scored shards", flows: ROWS, shards: 3 });
    expect(manifest.files.map((file: { path: string }) => file.path)).toEqual(parts);
    expect(await readNumbers(at("lake/*.parquet"), NAMES)).toEqual(
      await readNumbers(at("whole.parquet"), NAMES),
    );
    expect(await done("commit", path)).toContain("committed");
    expect(await done("run", path, "1")).toContain("nothing to run");
    appendFileSync(at("lake/part-00001.parquet"), "x");
    expect(await refused(3, "commit", path)).toMatch(
      /part-00001\.parquet was changed since it was committed/,
    );
  });

  test("is laid out in folders by columns, those of its own folders and of the scores too", async () => {
    for (const site of ["a%20b", "__HIVE_DEFAULT_PARTITION__"]) {
      mkdirSync(at(`sites/site=${site}`), { recursive: true });
      copyFileSync(FLOWS, at(`sites/site=${site}/flows.parquet`));
    }
    const lake = [at("sites/**/*.parquet")];
    const path = await plan("folders", lake, "--shards", "2", "--partition-by", "site,is_anomaly");
    await done("run", path, "--missing");
    await done("commit", path);
    const found = new Set(
      entries("folders")
        .filter((entry) => entry.endsWith("parquet"))
        .map((entry) => entry.split("/part")[0]),
    );
    expect([...found].sort()).toEqual(
      ["__HIVE_DEFAULT_PARTITION__", "a%20b"].flatMap((site) => [
        `site=${site}/is_anomaly=false`,
        `site=${site}/is_anomaly=true`,
      ]),
    );
    const sum = (values: Float32Array = new Float32Array()): number =>
      values.reduce((all, own) => all + own, 0);
    const odd = await readNumbers(at("folders/**/is_anomaly=true/*.parquet"), ["score"]);
    const all = await readNumbers(at("folders/**/*.parquet"), ["score"]);
    const expected = await readNumbers(at("whole.parquet"), NAMES);
    expect(odd.get("score")).toHaveLength(sum(expected.get("is_anomaly")));
    expect(all.get("score")?.toSorted()).toEqual(expected.get("score")?.toSorted());
  });

  test("has empty shards where row groups are few", async () => {
    const path = await plan("few", [FLOWS], "--shards", "7");
    await done("run", path, "--missing");
    await done("commit", path);
    expect(entries("few")).toHaveLength(2 + 3);
  });
});

describe("shards", () => {
  test("that are missing are named, and what runs them", async () => {
    const path = await plan("missing", LAKE, "--shards", "6");
    await done("run", path, "1");
    const said = await refused(3, "commit", path);
    expect(said).toContain(`shards 0, 2-5 are missing, of 6; run \`oddflow shard run ${path} --missing\``);
    expect(existsSync(at("missing/_SUCCESS"))).toBe(false);
    await done("run", path, "--missing");
    await done("commit", path);
  });

  test("that are damaged are refused, and scored anew", async () => {
    const path = await plan("damaged.parquet", LAKE, "--shards", "2");
    await done("run", path, "--missing");
    const [file = ""] = entries("damaged.parquet.shards").filter((entry) => entry.endsWith(".parquet"));
    const bytes = readFileSync(at(`damaged.parquet.shards/${file}`));
    bytes[5000] = (bytes[5000] ?? 0) ^ 1;
    writeFileSync(at(`damaged.parquet.shards/${file}`), bytes);
    expect(await refused(3, "commit", path)).toContain("shard 0 is damaged, of 2; run ");
    await done("run", path, "--missing");
    await done("commit", path);
    expect(readFileSync(at("damaged.parquet")).equals(readFileSync(at("whole.parquet")))).toBe(true);
  });

  test("are refused where the input, the model or the plan is another one now", async () => {
    copyFileSync(FLOWS, at("changing.parquet"));
    copyFileSync(at("context.onnx"), at("changing.onnx"));
    const path = at("changing.json");
    await done(
      "plan",
      at("changing.parquet"),
      "-m",
      at("changing.onnx"),
      "-o",
      at("changing"),
      "--plan",
      path,
    );
    copyFileSync(MODEL, at("changing.onnx"));
    expect(await refused(3, "run", path, "0")).toMatch(/another model than the plan was made with/);
    copyFileSync(at("other.parquet"), at("changing.parquet"));
    expect(await refused(3, "run", path, "0", "-m", at("context.onnx"))).toMatch(
      /was changed since the plan/,
    );
    writeFileSync(path, readFileSync(path, "utf8").replace('"rows', '"r0ws').replace('"top":0', '"top":1'));
    expect(await refused(3, "run", path, "0")).toMatch(/no longer as it was written/);
    writeFileSync(path, readFileSync(path, "utf8").slice(0, 200));
    expect(await refused(3, "commit", path)).toMatch(/cut short/);
    expect(await refused(3, "commit", at("nowhere.json"))).toMatch(/no such file/);
    expect(await refused(3, "commit", join(ROOT, "package.json"))).toMatch(/is no plan/);
  });

  test("of one number that are run at once come out whole, as one", async () => {
    const path = await plan("twice.parquet", LAKE, "--shards", "2");
    const runs = await Promise.all(
      ["a", "b", "c"].map((attempt) =>
        run("oddflow", ["shard", "run", path, "0", "1", "--attempt", attempt]),
      ),
    );
    for (const { status, stderr } of runs) expect([status, stderr]).toEqual([0, ""]);
    expect(entries("twice.parquet.shards").filter((entry) => entry.endsWith(".parquet"))).toHaveLength(2);
    const commits = await Promise.all([1, 2].map(() => run("oddflow", ["shard", "commit", path])));
    for (const { status, stderr } of commits) expect([status, stderr]).toEqual([0, ""]);
    expect(readFileSync(at("twice.parquet")).equals(readFileSync(at("whole.parquet")))).toBe(true);
  }, 60_000);

  test("go on after kills at any moment, and what was lost is cleared away", async () => {
    const path = await plan("killed", LAKE, "--shards", "4");
    const attempts: (() => boolean)[] = [
      () => entriesBesideRun("killed").some((entry) => /\/\.shard-\d+/.test(entry)),
      () => entriesBesideRun("killed").some((entry) => /\/shard-00001$/.test(entry)),
      () =>
        entriesBesideRun("killed").filter((entry) => /\/\.shard-00002[^/]*\/data\/./.test(entry)).length > 0,
    ];
    for (const isMoment of attempts) {
      const program = join(ROOT, "packages/cli/bin/oddflow.js");
      const child = spawn(process.execPath, [program, "shard", "run", path, "--missing"], {
        stdio: "ignore",
      });
      const ended = new Promise((resolve) => child.on("close", resolve));
      while (child.exitCode === null && !isMoment()) await new Promise((resolve) => setTimeout(resolve, 5));
      child.kill("SIGKILL");
      await ended;
    }
    expect(entries("killed").some((entry) => /\/\.shard-/.test(entry))).toBe(true);
    expect(await refused(3, "commit", path)).toMatch(/missing/);
    await done("run", path, "--missing");
    await done("commit", path);
    expect(entries("killed")).toHaveLength(2 + 4);
    expect(await readNumbers(at("killed/*.parquet"), NAMES)).toEqual(
      await readNumbers(at("whole.parquet"), NAMES),
    );
  }, 60_000);

  test("are planned for Parquet and an output of their own, and run by their numbers", async () => {
    const model = ["-m", MODEL];
    const out = ["--plan", at("refused.json"), "-o", at("refused")];
    expect(await refused(2, "plan", at("text.csv"), ...model, ...out)).toMatch(
      /only Parquet is cut into shards/,
    );
    expect(await refused(2, "plan", FLOWS, ...model, ...out, "--partition-by", "nowhere")).toMatch(
      /no such column/,
    );
    expect(await refused(2, "plan", FLOWS, ...model, "-o", "x.csv")).toMatch(/shards become Parquet/);
    expect(await refused(2, "plan", FLOWS, ...model, "-o", "x.parquet", "--partition-by", "state")).toMatch(
      /name a folder/,
    );
    expect(await refused(2, "plan", FLOWS, ...model, ...out, "--shards", "0")).toMatch(
      /--shards 0: expected/,
    );
    expect(existsSync(at("refused"))).toBe(false);
    const path = await plan("numbers", [FLOWS], "--shards", "2");
    expect(await refused(2, "run", path, "2")).toMatch(/there is no shard 2; the plan's are 0 to 1/);
    expect(await refused(2, "run", path)).toMatch(/name shards, 0 to 1, or say --missing/);
    expect(await refused(2, "run", path, "0", "--attempt", "../x")).toMatch(/--attempt \.\.\/x: expected/);
    const again = ["plan", FLOWS, ...model, "-o", at("numbers"), "--plan", at("again.json")];
    expect(await refused(3, ...again)).toMatch(/is what plan [0-9a-f]{12} is for; commit that, or remove/);
    await done("run", path, "--missing");
    await done("commit", path);
    expect(await refused(3, ...again)).toMatch(/holds .* already/);
    const other = ["plan", FLOWS, ...model, "-o", at("unused"), "--plan", path];
    expect(await refused(3, ...other)).toMatch(/it is there already/);
    expect(entries("unused")).toEqual([]);
  });
});
