import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { findInPackage } from "../conformance/find-runtime.ts";

// packages/inference/test/telemetry.test.ts holds it on Node.

const inference = fileURLToPath(new URL("../../packages/inference", import.meta.url));
const program = join(inference, "dist", "node.js");
const model = fileURLToPath(new URL("../../fixtures/unsw-nb15.onnx", import.meta.url));
const OPEN = `
  const { createScorer } = await import(${JSON.stringify(program)});
  await createScorer(${JSON.stringify(model)}, { provider: "cpu" }).then(
    (scorer) => scorer.close().then(() => console.log("opened")),
    (error) => console.log(error.code, error.message),
  );`;

/** What a runtime says of opening a scorer in an empty home, and the traces of telemetry there. */
function open(runtime: string, parameters: readonly string[], variables: object = {}) {
  const home = mkdtempSync(join(tmpdir(), "oddflow-telemetry-"));
  try {
    const env = { HOME: home, TMPDIR: home, ...variables };
    const { stdout } = spawnSync(runtime, [...parameters, OPEN], { cwd: inference, env, encoding: "utf8" });
    const files = readdirSync(home, { recursive: true }).map(String);
    return { output: stdout.trim(), traces: files.filter((name) => /Microsoft|mat-debug/.test(name)) };
  } finally {
    rmSync(home, { recursive: true });
  }
}

const bun = findInPackage("bun");
test.skipIf(bun.program === undefined)(
  "Bun, whose libraries see only what it was started with, is refused without it",
  () => {
    const parameters = ["--eval"];
    const refused = open(bun.program ?? "", parameters);
    expect(refused.traces).toEqual([]);
    expect(refused.output).toMatch(/^TELEMETRY_ON open session: .*start it with ORT_DISABLE_TELEMETRY=1/);
    const started = open(bun.program ?? "", parameters, { ORT_DISABLE_TELEMETRY: "1" });
    expect(started).toEqual({ output: "opened", traces: [] });
  },
);

const deno = findInPackage("deno");
test.skipIf(deno.program === undefined)("Deno opens a scorer with telemetry off", () => {
  expect(open(deno.program ?? "", ["eval"])).toEqual({ output: "opened", traces: [] });
});
