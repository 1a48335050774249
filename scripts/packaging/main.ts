/**
 * Packs @oddflow/inference, @oddflow/edge-service and what they need, checks the tarballs with publint and
 * are-the-types-wrong, installs them into an empty project, and scores there in Node, in workerd and, built with Vite, in
 * Chromium, and through the service on Bun, Deno and workerd.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createScorer } from "@oddflow/inference/node";
import { holdAgainst } from "../conformance/compare.ts";
import { readFlowSet } from "../conformance/flow-set.ts";
import { listRuntimes } from "../conformance/runtimes.ts";
import { isWell } from "../service/check-service.ts";
import { listServiceRuntimes } from "../service/service-runtimes.ts";
import { checkTypes, lintTarball } from "./check-tarball.ts";
import { makeConsumer } from "./consumer.ts";
import { packPackages } from "./pack.ts";

const PACKAGES = ["preprocessing", "onnx", "inference", "edge-service"];
const SERVICE_RUNTIMES = ["Bun", "Deno", "workerd"];
const RUNTIMES = ["Node, native", "Node, WASM", "workerd", "Chromium"];

// The compiled script lies in scripts/dist/packaging.
const root = fileURLToPath(new URL("../../../", import.meta.url));
const programs = fileURLToPath(new URL("../conformance/", import.meta.url));
const model = join(root, "fixtures", "unsw-nb15.onnx");
const folder = mkdtempSync(join(tmpdir(), "oddflow-packages-"));
try {
  const tarballs = packPackages(root, PACKAGES, join(folder, "tarballs"));
  for (const tarball of tarballs) {
    const complaints = await lintTarball(tarball);
    if (complaints.length > 0) throw new Error(`publint, ${tarball.name}: ${complaints.join("; ")}`);
    checkTypes(tarball);
    console.log(`${tarball.name}: publint and are-the-types-wrong have nothing to say`);
  }

  const project = join(folder, "project");
  makeConsumer(project, tarballs, programs);
  const set = (await readFlowSet(join(root, "fixtures", "flows.parquet"))).slice(0, 100);
  const flows = join(folder, "flows.json");
  writeFileSync(flows, JSON.stringify(set));
  const reference = await createScorer(model, { provider: "cpu", threads: 1 });
  const { scores } = await reference.score(set);
  await reference.close();
  const runtimes = listRuntimes({ model, flows, folder: join(folder, "built"), programs: project });
  for (const runtime of runtimes.filter(({ name }) => RUNTIMES.includes(name))) {
    const outcome = await holdAgainst(scores, runtime);
    console.log(
      `installed, ${outcome.runtime}: ${outcome.status}${"reason" in outcome ? `, ${outcome.reason}` : ""}`,
    );
    if (outcome.status === "failed" || outcome.status === "differs") process.exitCode = 1;
  }
  const place = { model, folder: join(folder, "built"), programs: project, command: "", idleSeconds: 10 };
  for (const runtime of listServiceRuntimes(place).filter(({ name }) => SERVICE_RUNTIMES.includes(name))) {
    const found = runtime.find();
    if (found.program === undefined) {
      console.log(`installed, the service on ${runtime.name}: skipped, ${found.reason}`);
      continue;
    }
    const service = await runtime.start(found.program);
    const problem = await isWell(service.url).finally(() => service.stop());
    console.log(`installed, the service on ${runtime.name}: ${problem ?? "scores"}`);
    if (problem !== undefined) process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
