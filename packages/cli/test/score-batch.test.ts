import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createScorer } from "@oddflow/inference/node";
import * as web from "@oddflow/inference/web";
import { openTable } from "@oddflow/tables";
import { beforeAll, describe, expect, test } from "vitest";
import { runHere } from "./in-process.ts";
import { FLOWS, MODEL, ROOT, readNdjson, readNumbers, run, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const REAL_FLOWS = join(ROOT, "../shared/data/unsw-nb15/flows.parquet");

/** The table's flows as the model takes them, row-major. */
async function modelFlows(path: string): Promise<Float32Array> {
  const scorer = await createScorer(MODEL, { provider: "cpu" });
  const width = scorer.columns.length;
  const table = await openTable(path);
  const flows = new Float32Array(table.rows * width);
  let first = 0;
  for await (const batch of table.scan(scorer.columns)) {
    batch.columns.forEach((values, k) => {
      for (let row = 0; row < batch.rows; row++) flows[(first + row) * width + k] = values[row] as number;
    });
    first += batch.rows;
  }
  table.close();
  await scorer.close();
  return flows;
}

/** WebAssembly takes ten times as long, so it scores the first of them. */
const WEB_ROWS = 4000;

async function expectScoresOfModel(scores: Float32Array, flows: Float32Array): Promise<void> {
  const node = await createScorer(MODEL, { provider: "cpu" });
  expect(scores).toHaveLength(flows.length / node.columns.length);
  for (const [scorer, rows] of [
    [node, scores.length],
    [await web.createScorer(readFileSync(MODEL)), Math.min(WEB_ROWS, scores.length)],
  ] as const) {
    const expected = await scorer.score(flows.subarray(0, rows * scorer.columns.length));
    expect(expected.flows).toBe(rows);
    let worst = 0;
    for (let row = 0; row < rows; row++) {
      const wanted = expected.scores[row] as number;
      worst = Math.max(worst, Math.abs((scores[row] as number) - wanted) / Math.max(1, wanted));
    }
    expect(worst).toBeLessThan(1e-5);
    await scorer.close();
  }
}

/** The fixture's flows with their scores, in the order of the table. */
beforeAll(async () => {
  await runHere("score-batch", [FLOWS, "-o", join(folder, "flows.ndjson")]);
});

describe("score-batch on a table", () => {
  test("writes every row in its order with the model's score and the flag, and sums up", async () => {
    const out = join(folder, "all.parquet");
    const { status, stdout, stderr } = await runHere("score-batch", [FLOWS, "-o", out, "--budget", "0.02"]);
    expect([status, stderr]).toEqual([0, ""]);
    const names = ["flow_id", "score", "is_anomaly"];
    const scored = await readNumbers(out, names);
    const input = await readNumbers(FLOWS, ["flow_id"]);
    expect(scored.get("flow_id")).toEqual(input.get("flow_id"));
    const scores = scored.get("score") ?? new Float32Array();
    await expectScoresOfModel(scores, await modelFlows(FLOWS));
    const scorer = await createScorer(MODEL);
    const threshold = scorer.thresholds.forBudget(0.02);
    await scorer.close();
    expect(scored.get("is_anomaly")).toEqual(scores.map((score) => (score >= threshold ? 1 : 0)));
    const probability = (await readNumbers(out, ["probability"])).get("probability") ?? new Float32Array();
    // At the threshold of a budget the probability is the budget, so the flag could be read off either.
    expect(probability.map((share) => (share <= 0.02 ? 1 : 0))).toEqual(scored.get("is_anomaly"));
    const alerts = scores.filter((score) => score >= threshold).length;
    expect(stdout).toContain("flows      24,000 in");
    expect(stdout).toContain(`alerts     ${alerts.toLocaleString("en-US")} (`);
    expect(stdout).toMatch(/unseen {5}.*protocol [0-9]+/);
    expect(stdout).toMatch(/missing {4}[0-9,]+ values/);
  });

  test("names the columns that made each flow odd, the oddest flows, and passes on the columns asked for", async () => {
    const out = join(folder, "keys.ndjson");
    const { status, stdout } = await runHere("score-batch", [
      FLOWS,
      "-o",
      out,
      "--columns",
      "keys",
      "--top",
      "2",
      "--oddest",
      "4",
      "--no-reasons",
    ]);
    expect(status).toBe(0);
    const rows = readNdjson(out);
    expect(rows).toHaveLength(24_000);
    const [first = {}] = rows;
    expect(Object.keys(first)).toContain("source_ip");
    expect(Object.keys(first)).not.toContain("sbytes");
    expect(Object.keys(first).slice(-4)).toEqual(["score", "is_anomaly", "probability", "top_columns"]);
    const scorer = await createScorer(MODEL);
    const width = scorer.columns.length;
    const flows = (await modelFlows(FLOWS)).subarray(0, 50 * width);
    const { errors = new Float32Array() } = await scorer.score(flows, { errors: true });
    for (let row = 0; row < 50; row++) {
      const own = [...errors.subarray(row * width, (row + 1) * width)];
      const largest = own
        .map((error, k) => [error, k] as const)
        .toSorted(([a], [b]) => b - a)
        .slice(0, 2);
      expect(rows[row]?.["top_columns"]).toEqual(largest.map(([, k]) => scorer.columns[k]?.name));
    }
    await scorer.close();
    const highest = rows.map((row, i) => [Number(row["score"]), i] as const).toSorted(([a], [b]) => b - a)[0];
    const table = stdout.split("\n").slice(2, 10);
    expect(table[0]).toMatch(new RegExp(`^ +${((highest?.[1] ?? 0) + 1).toLocaleString("en-US")} `));
    expect(table.every((line) => / [0-9]+ % {2}\w/.test(line))).toBe(true);
  });

  test("takes a number of alarms in a time, by the table's own time column", async () => {
    const shareOf = async (...options: string[]): Promise<number> => {
      const { status, stdout } = await runHere("score-batch", [
        FLOWS,
        "-o",
        join(folder, "b.csv"),
        "--columns",
        "none",
        ...options,
      ]);
      expect(status).toBe(0);
      return Number(/score ([0-9.]+) or more/.exec(stdout)?.[1]);
    };
    const times = (await readNumbers(FLOWS, ["stime"])).get("stime") ?? new Float32Array();
    const table = await openTable(FLOWS);
    const seconds = await table.times("stime");
    const days =
      (seconds.reduce((a, b) => Math.max(a, b)) - seconds.reduce((a, b) => Math.min(a, b))) / 86_400;
    table.close();
    expect(days).toBeGreaterThan(1);
    const share = 240 / (times.length / days);
    expect(await shareOf("--budget", "240/day")).toBe(await shareOf("--budget", String(share)));
    expect(await shareOf("--budget", "10/hour")).toBe(
      await shareOf("--budget", "240/day", "--time", "ltime"),
    );
  });

  test("a number of alarms comes out the same when some times are wrong, or are text, and it says what it took", async () => {
    const lines = async (path: string): Promise<string[]> => {
      const out = join(folder, `timed.${path.split(".").at(-1)}`);
      const { stdout, stderr } = await runHere("score-batch", [
        ...[path, "-m", MODEL, "-o", out, "--columns", "none", "--budget", "50/day"],
      ]);
      expect(stderr).toBe("");
      return stdout.split("\n").filter((line) => /^(alerts|rate|note)/.test(line));
    };
    const flows = readNdjson(join(folder, "flows.ndjson")).slice(0, 5000);
    const written = (name: string, timeOf: (time: number, row: number) => number | string): string => {
      const rows = flows.map((flow, row) => ({ ...flow, stime: timeOf(Number(flow["stime"]), row) }));
      const cells = (row: object): string =>
        Object.values(row)
          .map((value) => value ?? "")
          .join(",");
      const text = name.endsWith(".csv")
        ? [Object.keys(rows[0] ?? {}).join(","), ...rows.map(cells)]
        : rows.map((row) => JSON.stringify(row));
      writeFileSync(join(folder, name), `${text.join("\n")}\n`);
      return join(folder, name);
    };
    const [alerts, rate, ...more] = await lines(written("right.ndjson", (time) => time));
    expect(alerts).toMatch(/^alerts {5}[0-9,]+ \([0-9.]+ %\)/);
    expect(rate).toMatch(/flows a day by stime, from 20[0-9-]+T[0-9:]+Z to 20[0-9-]+T[0-9:]+Z$/);
    // The shipped model knows no flows like these.
    const note = expect.stringContaining("far more alarms than the budget");
    expect(more).toEqual([note]);
    for (const wrong of [0, 9e9]) {
      const path = written("wrong.ndjson", (time, row) => (row === 10 ? wrong : time));
      expect(await lines(path)).toEqual([
        alerts,
        `${rate}; 1 flow has a time far from these, which do not count`,
        note,
      ]);
    }
    for (const name of ["text.csv", "text.ndjson"]) {
      const path = written(name, (time) => new Date(time * 1000).toISOString());
      expect(await lines(path)).toEqual([alerts, rate, note]);
    }
  });

  test("scores a scored table again, replacing its scores, into CSV with no other column", async () => {
    const once = join(folder, "once.csv");
    await runHere("score-batch", [FLOWS, "-o", once, "--columns", "all"]);
    const again = await runHere("score-batch", [
      once,
      "-o",
      join(folder, "again.csv"),
      "--columns",
      "none",
      "--threshold",
      "0",
    ]);
    expect(again.status).toBe(0);
    const lines = readFileSync(join(folder, "again.csv"), "utf8").trim().split("\n");
    expect(lines[0]).toBe("score,is_anomaly,probability");
    expect(lines).toHaveLength(24_001);
    expect(lines.slice(1).every((line) => line.split(",")[1] === "true")).toBe(true);
  });

  test("writes beside where it is run when no output is named", async () => {
    const { status, stdout } = await run("score-batch", [FLOWS, "--columns", "none"], { cwd: folder });
    expect([status, stdout.split("\n").at(-2)]).toEqual([0, "written    flows.scored.parquet"]);
    expect(existsSync(join(folder, "flows.scored.parquet"))).toBe(true);
  });

  test.skipIf(!existsSync(REAL_FLOWS))(
    "scores the 50,607 real flows in order (skipped without the real data)",
    async () => {
      const out = join(folder, "real.parquet");
      const { status } = await runHere("score-batch", [REAL_FLOWS, "-o", out, "--model", MODEL]);
      expect(status).toBe(0);
      const scored = await readNumbers(out, ["flow_id", "score"]);
      expect(scored.get("score")).toHaveLength(50_607);
      expect(scored.get("flow_id")).toEqual((await readNumbers(REAL_FLOWS, ["flow_id"])).get("flow_id"));
      await expectScoresOfModel(scored.get("score") ?? new Float32Array(), await modelFlows(REAL_FLOWS));
    },
  );
});

describe("score-batch in a pipe", () => {
  test("gives each line its score, the same as in a table", async () => {
    const rows = readNdjson(join(folder, "flows.ndjson")).slice(0, 500);
    const lines = rows.map(({ score: _, is_anomaly: __, probability: ___, ...flow }) => JSON.stringify(flow));
    const { status, stdout, stderr } = await run("score-batch", ["-", "--top", "1", "--no-reasons"], {
      input: `${lines.join("\n")}\n\n`,
    });
    expect(status).toBe(0);
    const scored = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(scored).toHaveLength(500);
    scored.forEach((row, i) => {
      const { top_columns: top, ...rest } = row;
      expect(top).toHaveLength(1);
      const wanted = Number(rows[i]?.["score"]);
      expect(Math.abs(Number(row["score"]) - wanted)).toBeLessThan(1e-5 * Math.max(1, wanted));
      expect({ ...rest, score: 0, probability: 0 }).toEqual({ ...rows[i], score: 0, probability: 0 });
      expect(Number(row["probability"])).toBeCloseTo(Number(rows[i]?.["probability"]), 4);
    });
    expect(stderr).toContain("flows      500 in");
  });

  test("passes on the fields asked for, and works on nothing", async () => {
    const input = '{"uid":"C1","sbytes":100}\n';
    const keys = await run("score-batch", ["-", "--columns", "keys"], { input });
    expect(Object.keys(JSON.parse(keys.stdout))).toEqual(["uid", "score", "is_anomaly", "probability"]);
    const none = await run("score-batch", ["-", "--columns", "none"], { input });
    expect(Object.keys(JSON.parse(none.stdout))).toEqual(["score", "is_anomaly", "probability"]);
    const empty = await run("score-batch", ["-"], { input: "" });
    expect([empty.status, empty.stdout]).toEqual([0, ""]);
  });

  test("keeps what it does not understand to the letter, and replaces an older score", async () => {
    const lines = ['{"id":12345678901234567890, "sbytes":1.50 }', '{"sbytes":2,"score":7,"probability":1}'];
    const { stdout } = await run("score-batch", ["-"], { input: lines.join("\n") });
    const [first = "", second = ""] = stdout.trim().split("\n");
    expect(first).toMatch(/^\{"id":12345678901234567890, "sbytes":1.50,"score":[0-9.]+,"is_anomaly":/);
    expect(JSON.parse(second)).toMatchObject({ sbytes: 2 });
    expect(second.match(/"score"/g)).toHaveLength(1);
    expect(JSON.parse(second).score).not.toBe(7);
  });

  test("refuses records that have none of the model's columns", async () => {
    const { status, stderr, stdout } = await run("score-batch", ["-"], { input: '{"DUR":9e9,"Sbytes":5}\n' });
    expect([status, stdout]).toEqual([3, ""]);
    expect(stderr).toMatch(/none of the model's 33 columns \(they have DUR, Sbytes;/);
  });

  test("has written what comes before a bad line", async () => {
    for (const bad of ["nonsense", '{"dur":"soon"}']) {
      const { status, stdout } = await run("score-batch", ["-"], {
        input: `{"dur":1}\n{"dur":2}\n${bad}\n{"dur":3}\n`,
      });
      expect([status, stdout.trim().split("\n").length]).toEqual([3, 2]);
    }
  });

  test("names the line that cannot be used, whatever lines are blank", async () => {
    const cases: [string, RegExp][] = [
      ['{"dur":1}\n\nnonsense\n', /line 3 of standard input is no JSON: nonsense/],
      ['{"dur":1}\n[1]\n', /line 2 of standard input: a list found, an object expected/],
      ["[1]\n", /line 1 of standard input: a number found, an object expected/],
      [
        '{"dur":1}\n\n{"dur":2}\n{"dur":"soon"}\n',
        /line 4 of standard input, column "dur": "soon" found, a number expected/,
      ],
    ];
    for (const [input, message] of cases) {
      const { status, stderr } = await run("score-batch", ["-"], { input });
      expect(status).toBe(3);
      expect(stderr).toMatch(message);
      expect(stderr.trim().split("\n")).toHaveLength(1);
    }
  });
});

test("nothing is left beside the outputs", () => {
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
});
