import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Writes the address of every module that is loaded to standard error. */
const HOOK = `
  import { writeSync } from "node:fs";
  export async function load(url, context, next) {
    if (url.startsWith("file:")) writeSync(2, url + "\\n");
    return next(url, context);
  }`;
const NAME_MODULES = `import { register } from "node:module"; register(${JSON.stringify(asUrl(HOOK))});`;

const PROGRAM = `
  import { createScorer, OddflowError } from "@oddflow/inference/node";
  import { Verdict } from "@oddflow/inference";
  import { Verdict as DetectorsOwn } from "@oddflow/detector";
  import { readModelSummary } from "@oddflow/onnx";
  import * as preprocessing from "@oddflow/preprocessing";
  const scorer = await createScorer(process.argv[1], { provider: "cpu" });
  const { scores } = await scorer.score(new Float32Array(scorer.columns.length));
  await scorer.close();
  const thrown = await createScorer(new Uint8Array(3)).catch((error) => error);
  let read;
  try { readModelSummary(new Uint8Array(3)); } catch (error) { read = error; }
  console.log(JSON.stringify({
    scored: scores.length,
    classes: [OddflowError === preprocessing.OddflowError, Verdict === DetectorsOwn],
    errors: [thrown instanceof preprocessing.OddflowError, read instanceof OddflowError],
  }));`;

function asUrl(text: string): string {
  return `data:text/javascript,${encodeURIComponent(text)}`;
}

/** `pnpm compile` makes what is looked at, as it does the commands that other tests run. */
test("to score, Node reads a dozen of our files, and each class is there once whatever a program imports", () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      "--import",
      asUrl(NAME_MODULES),
      "--input-type=module",
      "--eval",
      PROGRAM,
      `${root}fixtures/unsw-nb15.onnx`,
    ],
    { cwd: `${root}packages/inference`, encoding: "utf8" },
  );
  expect(JSON.parse(stdout || stderr)).toEqual({
    scored: 1,
    classes: [true, true],
    errors: [true, true],
  });
  const modules = stderr.split("\n").filter((line) => line.startsWith("file:"));
  expect(modules.length).toBeGreaterThan(4);
  expect(modules.length).toBeLessThan(13);
});
