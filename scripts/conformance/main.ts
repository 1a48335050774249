/**
 * Scores one set of flows in every runtime and holds the scores against onnxruntime-node's.
 * Writes out/conformance.json and prints a table; `--readme` puts it into packages/inference/README.md too.
 * Exits with 1 when a runtime that is there fails or differs. What is not there is skipped by name.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createScorer } from "@oddflow/inference/node";
import { holdAgainst, type Outcome, TOLERANCE } from "./compare.ts";
import { drawTable, putTable } from "./conformance-table.ts";
import { readFlowSet } from "./flow-set.ts";
import { listRuntimes } from "./runtimes.ts";

// The compiled script lies in scripts/dist/conformance.
const programs = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../../", import.meta.url));
const model = join(root, "fixtures", "unsw-nb15.onnx");
const folder = mkdtempSync(join(tmpdir(), "oddflow-conformance-"));
try {
  const flows = await readFlowSet(join(root, "fixtures", "flows.parquet"));
  const flowsFile = join(folder, "flows.json");
  writeFileSync(flowsFile, JSON.stringify(flows));
  const reference = await createScorer(model, { provider: "cpu", threads: 1 });
  const { scores } = await reference.score(flows);
  await reference.close();

  const outcomes: Outcome[] = [];
  for (const runtime of listRuntimes({ model, flows: flowsFile, folder, programs })) {
    const outcome = await holdAgainst(scores, runtime);
    console.error(`${outcome.runtime}: ${outcome.status}${"reason" in outcome ? `, ${outcome.reason}` : ""}`);
    outcomes.push(outcome);
  }
  mkdirSync(join(root, "out"), { recursive: true });
  const report = { flows: flows.length, tolerance: TOLERANCE, outcomes };
  writeFileSync(join(root, "out", "conformance.json"), `${JSON.stringify(report, null, 2)}\n`);
  const table = drawTable(outcomes);
  console.log(`${flows.length} flows\n\n${table}`);
  if (process.argv.includes("--readme")) {
    const readme = join(root, "packages", "inference", "README.md");
    writeFileSync(readme, putTable(readFileSync(readme, "utf8"), table));
  }
  if (outcomes.some(({ status }) => status === "failed" || status === "differs")) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
