/**
 * Starts the scoring service on Node, Bun, Deno and workerd, holds its scores of the fixture against onnxruntime-node's, and
 * asks it badly: after each check it must still answer. What is not there is skipped by name.
 * Exits with 1 when a check fails on a runtime that is there.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createScorer } from "@oddflow/inference/node";
import { readFlowSet, readFlows } from "../conformance/flow-set.ts";
import { isWell, SERVICE_CHECKS, type ServiceQuestions } from "./check-service.ts";
import { listServiceRuntimes, type ServiceRuntime } from "./service-runtimes.ts";

const IDLE_SECONDS = 3;

// The compiled script lies in scripts/dist/service.
const programs = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../../", import.meta.url));
const model = join(root, "fixtures", "unsw-nb15.onnx");
const fixture = join(root, "fixtures", "flows.parquet");
const folder = mkdtempSync(join(tmpdir(), "oddflow-service-"));
try {
  const flows = [...(await readFlows(fixture, 1)), ...(await readFlowSet(fixture))];
  const reference = await createScorer(model, { provider: "cpu", threads: 1 });
  const { scores } = await reference.score(flows);
  await reference.close();
  const command = join(root, "packages", "cli", "bin", "oddflow.js");
  const questions = { flows, scores, folder, idleSeconds: IDLE_SECONDS };
  let failures = 0;
  for (const runtime of listServiceRuntimes({
    model,
    folder,
    programs,
    command,
    idleSeconds: IDLE_SECONDS,
  })) {
    failures += await check(runtime, questions);
  }
  if (failures > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** How many checks fail. */
async function check(runtime: ServiceRuntime, questions: ServiceQuestions): Promise<number> {
  const found = runtime.find();
  if (found.program === undefined) {
    console.log(`${runtime.name}: SKIPPED, because ${found.reason}`);
    return 0;
  }
  console.log(`${runtime.name} ${found.version}`);
  const service = await runtime.start(found.program);
  let failures = 0;
  try {
    for (const { name, run } of SERVICE_CHECKS) {
      const problem =
        (await attempt(() => run(service, questions))) ?? (await attempt(() => isWell(service.url)));
      console.log(problem === undefined ? `  ok      ${name}` : `  FAILED  ${name}: ${problem}`);
      if (problem !== undefined) failures++;
    }
  } finally {
    await service.stop();
  }
  return failures;
}

async function attempt(task: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await task();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
    return error instanceof Error ? `${error.message}${cause}` : String(error);
  }
}
