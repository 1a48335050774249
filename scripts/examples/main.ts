/**
 * Runs every example by the commands in its README and holds what they print to what the README shows. What a machine lacks
 * is skipped by name. Exits with 1 when one fails.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeInputs } from "./make-inputs.ts";
import { findMissingLine } from "./printed-lines.ts";
import { readExample } from "./read-example.ts";
import { missingProgram, runCommands } from "./run-commands.ts";

/** In the order in which they need each other's output. */
const EXAMPLES: readonly { readonly name: string; readonly needs: readonly string[] }[] = [
  { name: "train-and-score", needs: [] },
  { name: "onnx-in-python", needs: ["python"] },
  { name: "polars-frames", needs: ["python"] },
  { name: "duckdb-query", needs: ["python"] },
  { name: "lake-in-shards", needs: ["parallel"] },
  { name: "zeek-in-a-pipe", needs: [] },
  { name: "weekly-retraining", needs: [] },
  { name: "edge-service", needs: ["curl", "deno"] },
  { name: "serve-on-workerd", needs: ["curl", "workerd"] },
];

// The compiled script lies in scripts/dist/examples.
const root = fileURLToPath(new URL("../../../", import.meta.url));
const examples = join(root, "examples");
const inputs = join(examples, "out");
mkdirSync(inputs, { recursive: true });
await makeInputs(join(root, "fixtures", "flows.parquet"), inputs);
for (const { name, needs } of EXAMPLES) {
  const missing = needs.map((program) => missingProgram(program, examples)).find((one) => one !== undefined);
  if (missing !== undefined) {
    console.log(`${name}: SKIPPED, because ${missing}`);
    continue;
  }
  const began = performance.now();
  const problem = await run(join(examples, name));
  console.log(`${name}: ${problem ?? `does, ${((performance.now() - began) / 1000).toFixed(1)} s`}`);
  if (problem !== undefined) process.exitCode = 1;
}

/** @returns what is wrong; undefined where nothing is */
async function run(folder: string): Promise<string | undefined> {
  rmSync(join(folder, "out"), { recursive: true, force: true });
  const { commands, output } = readExample(join(folder, "README.md"));
  const { status, printed } = await runCommands(commands, folder, examples);
  if (status !== 0) return `FAILED, it ended with ${status}:\n${printed}`;
  const line = findMissingLine(output, printed);
  return line === undefined ? undefined : `FAILED, its README shows "${line}", it printed\n${printed}`;
}
