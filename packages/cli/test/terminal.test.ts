import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runHere as run } from "./in-process.ts";
import { FLOWS, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();

test.each<[string, readonly string[], RegExp]>([
  [
    "train --clean",
    ["train", FLOWS, "-o", "m.onnx", "--detector", "reference", "--clean", "0.1"],
    /--clean is for the robust/,
  ],
  [
    "train --clean, by protocol",
    ["train", FLOWS, "-o", "m.onnx", "--protocol", "reference", "--clean", "off"],
    /--clean is for/,
  ],
  [
    "train --threads",
    ["train", FLOWS, "-o", "m.onnx", "--engine", "tfjs", "--threads", "2"],
    /--threads is for the onnx/,
  ],
  ["score --time", ["score", FLOWS, "--time", "stime"], /--time is for a budget of alarms in time/],
  [
    "score --time, by share",
    ["score", FLOWS, "--time", "stime", "--budget", "0.01"],
    /--time is for a budget/,
  ],
  [
    "score --time, by threshold",
    ["score", FLOWS, "--time", "stime", "--threshold", "3"],
    /--time is for a budget/,
  ],
  [
    "score --time, a pipe",
    ["score", "-", "--time", "stime", "--budget", "5/day"],
    /--time is for whole files/,
  ],
  ["score --threads", ["score", FLOWS, "--provider", "webgpu", "--threads", "2"], /--threads is for the CPU/],
  ["serve --threads", ["serve", "--provider", "cuda", "--threads", "2"], /--threads is for the CPU/],
  [
    "evaluate --time, by share",
    ["evaluate", FLOWS, "--time", "stime", "--budget", "0.01"],
    /--time is for .* a budget of alarms in time/,
  ],
  ["evaluate --time", ["evaluate", FLOWS, "--time", "stime"], /--time is for --split time/],
])("an option without effect is refused: %s", async (_what, args, message) => {
  const { status, stderr } = await run("oddflow", args);
  expect(stderr).toMatch(message);
  expect(status).toBe(2);
});

test("a share of attacks is refused where no label tells them", async () => {
  const path = join(folder, "plain.csv");
  const rows = Array.from({ length: 200 }, (_, row) => `${row * 3},${(row * 7) % 11}.5`);
  writeFileSync(path, `octets,span\n${rows.join("\n")}\n`);
  const args = ["train", path, "-o", join(folder, "m.onnx"), "--contamination", "0.1"];
  const { status, stderr } = await run("oddflow", args);
  expect(stderr).toMatch(/a share of 0\.1 attacks in training needs labels/);
  expect(status).toBe(3);
});

test("what a terminal takes for a command does not reach it, and a name stays on its line", async () => {
  const path = join(folder, "names.csv");
  const evil = "a\u001b[2J\u009b31m\u202ez";
  const rows = Array.from({ length: 200 }, (_, row) => `${row * 3},${(row * 7) % 11}.5`);
  writeFileSync(path, `"${evil}","alerts     0\nb"\n${rows.join("\n")}\n`);
  const model = join(folder, "names.onnx");
  const small = ["--hidden", "8", "--latent", "2", "--epochs", "1", "--clean", "off"];
  const trained = await run("oddflow", ["train", path, "-o", model, ...small]);
  const inspected = await run("oddflow", ["inspect", model]);
  const missing = await run("oddflow", ["score", FLOWS, "-m", model, "-o", join(folder, "s.csv")]);
  const scored = await run("oddflow", [
    "score",
    path,
    "-m",
    model,
    "-o",
    join(folder, "s.csv"),
    "--oddest",
    "2",
  ]);
  const json = await run("oddflow", ["inspect", model, "--json"]);
  expect([trained, inspected, missing, scored, json].map(({ status }) => status)).toEqual([0, 0, 3, 0, 0]);
  for (const { stdout, stderr } of [trained, inspected, missing, scored, json]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
    expect(stdout + stderr).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
  }
  for (const { stdout, stderr } of [trained, inspected, missing])
    expect(stdout + stderr).not.toMatch(/^b\b/m);
  expect(inspected.stdout).toContain("a\\u001b[2J\\u009b31m\\u202ez");
  expect(JSON.parse(json.stdout).spec.columns[0].name).toBe(evil);
});
