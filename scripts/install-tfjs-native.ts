/**
 * Gives @tensorflow/tfjs-node its native half where its own install script can't download one: libtensorflow and its C headers
 * come from a wheel through pip, tfjs-node's binding is compiled against them, both are kept in a cache outside the
 * checkout, and the package gets a link to the binding. With a warm cache it needs neither network nor compiler.
 * Build with `tsc -b scripts`, then run `node scripts/dist/install-tfjs-native.js`.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { BINDING, checkCompiler, compileBinding, hasOwnBinding, linkBinding } from "./tfjs-native/binding.ts";
import { fetchLibtensorflow } from "./tfjs-native/libtensorflow.ts";
import { checkLoads } from "./tfjs-native/load-check.ts";
import { LIBRARIES, TFJS_NODE_VERSION, WHEEL } from "./tfjs-native/pinned.ts";
import { StepError } from "./wheels/run-step.ts";

const USAGE = `install-tfjs-native [--cache DIR] [--package DIR]
  --cache DIR    where the native halves are kept, a folder for each version (default: ${defaultCache()})
  --package DIR  the @tensorflow/tfjs-node to serve (default: the one that packages/trainer uses)`;

try {
  await main();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`install-tfjs-native: ${message.replaceAll("\n", " ")}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { cache: { type: "string" }, package: { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help) return console.log(USAGE);
  const packageFolder = values.package ? resolve(values.package) : trainersPackage();
  checkPackage(packageFolder);
  if (!hasOwnBinding(packageFolder)) {
    checkPlatform();
    const name = `tfjs-native-${TFJS_NODE_VERSION}-libtensorflow-${WHEEL.version}`;
    const folder = join(resolve(values.cache ?? defaultCache()), name);
    if (!isComplete(folder)) await fillCache(packageFolder, folder);
    linkBinding(packageFolder, folder);
  }
  const { libtensorflow, gpu } = checkLoads(packageFolder);
  const device = gpu ? "a GPU" : "the CPU";
  console.log(
    `tfjs-node ${TFJS_NODE_VERSION} runs on libtensorflow ${libtensorflow}, on ${device}, Node ${process.version}`,
  );
}

function defaultCache(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "oddflow");
}

function trainersPackage(): string {
  // The compiled script lies in scripts/dist.
  const trainer = createRequire(new URL("../../packages/trainer/package.json", import.meta.url));
  try {
    return realpathSync(dirname(trainer.resolve("@tensorflow/tfjs-node/package.json")));
  } catch {
    throw new StepError(
      "find tfjs-node",
      'packages/trainer has no @tensorflow/tfjs-node: run "pnpm install"',
    );
  }
}

function checkPackage(packageFolder: string): void {
  const file = join(packageFolder, "package.json");
  if (!existsSync(file)) throw new StepError("find tfjs-node", `no package.json in ${packageFolder}`);
  const { name, version }: { name: string; version: string } = JSON.parse(readFileSync(file, "utf8"));
  if (name === "@tensorflow/tfjs-node" && version === TFJS_NODE_VERSION) return;
  throw new StepError(
    "find tfjs-node",
    `found ${name} ${version}, expected @tensorflow/tfjs-node ${TFJS_NODE_VERSION}`,
  );
}

function checkPlatform(): void {
  const machine = `${process.platform} ${process.arch}`;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  if (machine === "linux x64" && header.glibcVersionRuntime) return;
  const found = machine === "linux x64" ? "linux x64 without glibc" : machine;
  throw new StepError(
    "check the platform",
    `no pinned libtensorflow for ${found}, only for linux x64 with glibc`,
  );
}

function isComplete(folder: string): boolean {
  return [...LIBRARIES, BINDING].every((name) => existsSync(join(folder, name)));
}

/** Fills a folder beside `folder` and renames it, so that a run cut short leaves nothing that looks complete. */
async function fillCache(packageFolder: string, folder: string): Promise<void> {
  checkCompiler();
  mkdirSync(dirname(folder), { recursive: true });
  const staging = mkdtempSync(`${folder}-`);
  try {
    console.log(`downloading ${WHEEL.requirement} (${WHEEL.megabytes} MB) for its libtensorflow`);
    await fetchLibtensorflow(staging);
    console.log("compiling the binding of tfjs-node");
    compileBinding(packageFolder, staging);
    // Another run may have filled the cache meanwhile. What is there and not complete is of no use.
    if (isComplete(folder)) return;
    rmSync(folder, { recursive: true, force: true });
    renameSync(staging, folder);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}
