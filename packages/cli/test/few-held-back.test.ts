import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeDetectorMetadata, parseDetectorMetadata, summariseScores } from "@oddflow/detector";
import { readModelSummary, replaceMetadata, sealModel } from "@oddflow/onnx";
import { expect, test } from "vitest";
import { runHere } from "./in-process.ts";
import { MODEL, run, temporaryFolder } from "./run-cli.ts";
import { someFlows } from "./some-flows.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const flows = await someFlows();

/** The shipped model as if so few flows had been held back in its training. */
function modelOf(heldBack: number): string {
  const bytes = readFileSync(MODEL);
  const metadata = parseDetectorMetadata(readModelSummary(bytes));
  const scores = Float32Array.from({ length: heldBack }, (_, i) => 1 - Math.log((i + 0.5) / heldBack));
  const entries = encodeDetectorMetadata({ ...metadata, thresholds: { heldBack: summariseScores(scores) } });
  const path = at(`of-${heldBack}.onnx`);
  writeFileSync(path, sealModel(replaceMetadata(bytes, entries)));
  return path;
}

const caution = (budget: string, needed: string, flows: string): string =>
  `a budget of ${budget} % is one usual flow in ${needed}, and ${flows} no score as rare: the threshold is extrapolated`;

test("a budget that no held-back flow shows is said to be extrapolated, by whoever sets a threshold by it", async () => {
  const model = modelOf(17);
  const inspected = await runHere("oddflow", ["inspect", model]);
  const lines = inspected.stdout.split("\n").filter((line) => line.startsWith("  budget"));
  expect(lines.map((line) => /budget ([\d.]+) %/.exec(line)?.[1])).toEqual(["10", "5", "1", "0.1"]);
  expect(lines.map((line) => line.includes("extrapolated"))).toEqual([false, true, true, true]);

  const files = [flows, "-m", model, "-o", at("out.parquet")];
  const finer = await runHere("score-batch", [...files, "--budget", "0.001"]);
  expect(finer.stdout).toContain(`note       ${caution("0.1", "1,000", "17 held-back flows show")}`);
  const coarser = await runHere("score-batch", [...files, "--budget", "0.1"]);
  expect(coarser.stdout).not.toContain("extrapolated");
  const piped = await run("score-batch", ["-", "-m", model], { input: '{"sbytes": 1}\n' });
  expect(piped.stderr).toContain(`note       ${caution("1", "100", "17 held-back flows show")}`);
  const evaluated = await runHere("oddflow", ["evaluate", flows, "-m", model, "--budget", "0.01", "--json"]);
  expect(evaluated.stderr).toContain("extrapolated");
  expect(JSON.parse(evaluated.stdout)).toHaveProperty("rocAuc");
});

test("training says it, and holds back none for a test that nobody can make", async () => {
  const rows = Array.from({ length: 170 }, (_, i) => `${["tcp", "udp"][i % 2]},${60 * (i % 17)},${i % 13}`);
  writeFileSync(at("few.csv"), `Proto,TotBytes,Dur\n${rows.join("\n")}\n`);
  const trained = await runHere("oddflow", [
    ...["train", at("few.csv"), "-o", at("few.onnx"), "--epochs", "2"],
    ...["--hidden", "8", "--latent", "2", "--clean", "off"],
  ]);
  expect(trained.stdout).toContain("Flows: 145 to train on, 25 to choose epochs and thresholds\n");
  expect(trained.stdout).toContain(`Note: ${caution("1", "100", "25 held-back flows show")}`);
});
