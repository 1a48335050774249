/**
 * Packs every package, checks the tarballs with publint and are-the-types-wrong, and that they name whose code they bundle, installs them into an empty project, and
 * there imports every entry, runs the commands, and scores in Node, in workerd and, built with Vite, in Chromium, and
 * through the service on Bun, Deno and workerd. Projects that have one runtime alone are installed by npm and held to a size.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createScorer } from "@oddflow/inference/node";
import type { FlowRecord } from "@oddflow/preprocessing";
import { holdAgainst } from "../conformance/compare.ts";
import { readFlowSet, readFlows } from "../conformance/flow-set.ts";
import { listRuntimes } from "../conformance/runtimes.ts";
import { readManifests } from "../release/read-manifests.ts";
import { provenanceProblems } from "../release/release-problems.ts";
import { isWell } from "../service/check-service.ts";
import { listServiceRuntimes } from "../service/service-runtimes.ts";
import { checkManifest } from "./check-manifest.ts";
import { checkNotices } from "./check-notices.ts";
import { checkTypes, lintTarball } from "./check-tarball.ts";
import { makeConsumer } from "./consumer.ts";
import { COMMAND_CHECKS } from "./installed-commands.ts";
import { importEntries } from "./installed-entries.ts";
import { packPackages, type Tarball } from "./pack.ts";
import { checkSmallConsumer, smallConsumers } from "./small-consumers.ts";

const SERVICE_RUNTIMES = ["Bun", "Deno", "workerd"];
const RUNTIMES = ["Node, native", "Node, WASM", "workerd", "Chromium"];

// The compiled script lies in scripts/dist/packaging.
const root = fileURLToPath(new URL("../../../", import.meta.url));
const programs = fileURLToPath(new URL("../conformance/", import.meta.url));
const model = join(root, "fixtures", "unsw-nb15.onnx");
const table = join(root, "fixtures", "flows.parquet");
const folder = mkdtempSync(join(tmpdir(), "oddflow-packages-"));
try {
  const tarballs = packPackages(root, join(folder, "tarballs"));
  for (const tarball of tarballs) await checkTarball(tarball);
  // Nobody knows an address yet; `pnpm check:release` ends with 1 for it.
  for (const problem of provenanceProblems(readManifests(root))) console.log(`before a release: ${problem}`);
  const project = join(folder, "project");
  makeConsumer(project, tarballs, programs);
  console.log(`installed: all ${importEntries(project, tarballs)} entries can be imported`);
  for (const consumer of smallConsumers(root, tarballs)) {
    const place = { root, folder: join(folder, consumer.entry), model, tarballs };
    const { installed, left } = checkSmallConsumer(consumer, place);
    console.log(
      `npm, ${consumer.name}: ${megabytes(installed)} installed, ${megabytes(left)} left; compiles and scores`,
    );
  }
  await runCommands(project, tarballs);
  await runLibrary(project);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

async function checkTarball(tarball: Tarball): Promise<void> {
  const complaints = await lintTarball(tarball);
  if (complaints.length > 0) throw new Error(`publint, ${tarball.name}: ${complaints.join("; ")}`);
  const wrong = [...checkManifest(tarball), ...checkNotices(tarball)];
  if (wrong.length > 0) throw new Error(`${tarball.name}: ${wrong.join("; ")}`);
  checkTypes(tarball);
  console.log(
    `${tarball.name}: publint and are-the-types-wrong have nothing to say, its manifest is whole, and it names whose code it has`,
  );
}

async function runCommands(project: string, tarballs: readonly Tarball[]): Promise<void> {
  const version = tarballs.find(({ name }) => name === "@oddflow/cli")?.version ?? "";
  const flows = await readFlows(table, 1);
  const installed = { project, version, table, flows, scores: await referenceScores(flows), model };
  for (const { name, run } of COMMAND_CHECKS) {
    const problem = await run(installed);
    console.log(`installed, ${name}: ${problem ?? "does"}`);
    if (problem !== undefined) process.exitCode = 1;
  }
}

/** What conformance and the service's check run, with the installed packages. */
async function runLibrary(project: string): Promise<void> {
  const set = (await readFlowSet(table)).slice(0, 100);
  const flows = join(folder, "flows.json");
  writeFileSync(flows, JSON.stringify(set));
  const scores = await referenceScores(set);
  const place = { model, folder: join(folder, "built"), programs: project };
  for (const runtime of listRuntimes({ ...place, flows }).filter(({ name }) => RUNTIMES.includes(name))) {
    const outcome = await holdAgainst(scores, runtime);
    console.log(
      `installed, ${outcome.runtime}: ${outcome.status}${"reason" in outcome ? `, ${outcome.reason}` : ""}`,
    );
    if (outcome.status === "failed" || outcome.status === "differs") process.exitCode = 1;
  }
  for (const runtime of listServiceRuntimes({ ...place, command: "", idleSeconds: 10 })) {
    if (!SERVICE_RUNTIMES.includes(runtime.name)) continue;
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
}

async function referenceScores(flows: readonly FlowRecord[]): Promise<Float32Array> {
  const reference = await createScorer(model, { provider: "cpu", threads: 1 });
  const { scores } = await reference.score(flows);
  await reference.close();
  return scores;
}
