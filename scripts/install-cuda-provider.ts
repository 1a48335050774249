/**
 * Gives onnxruntime-node its CUDA provider where its own install script can't download it: the two libraries come from the
 * wheel `onnxruntime-gpu` of the same version through pip, are kept in a cache outside the checkout, and the package gets
 * links to them. Says what else CUDA needs here. Build with `tsc -b scripts`, then run
 * `node scripts/dist/install-cuda-provider.js`.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { describeNeeds, findNeededLibraries } from "./cuda-provider/needed-libraries.ts";
import { LIBRARIES, MEGABYTES, NOTICES, ONNXRUNTIME_VERSION, WHEEL } from "./cuda-provider/pinned.ts";
import { fetchFromWheel } from "./wheels/fetch-wheel.ts";
import { StepError } from "./wheels/run-step.ts";

const USAGE = `install-cuda-provider [--cache DIR] [--package DIR]
  --cache DIR    where the libraries are kept, a folder for each version (default: ${defaultCache()})
  --package DIR  the onnxruntime-node to serve (default: the one that packages/inference uses)`;

try {
  await main();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`install-cuda-provider: ${message.replaceAll("\n", " ")}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { cache: { type: "string" }, package: { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help) return console.log(USAGE);
  const packageFolder = values.package ? resolve(values.package) : inferencesPackage();
  checkPackage(packageFolder);
  // Where onnxruntime looks for its providers: beside itself.
  const bin = join(packageFolder, "bin", "napi-v6", "linux", "x64");
  if (!existsSync(join(bin, "onnxruntime_binding.node"))) {
    throw new StepError("check the platform", `no onnxruntime in ${bin}; the CUDA provider is for linux x64`);
  }
  if (!isComplete(bin) || LIBRARIES.some((name) => isLink(join(bin, name)))) {
    const folder = join(resolve(values.cache ?? defaultCache()), `onnxruntime-cuda-${ONNXRUNTIME_VERSION}`);
    if (!isComplete(folder)) await fillCache(folder);
    for (const name of LIBRARIES) {
      rmSync(join(bin, name), { force: true });
      symlinkSync(join(folder, name), join(bin, name));
    }
  }
  console.log(`onnxruntime-node ${ONNXRUNTIME_VERSION} has its CUDA provider in ${bin}`);
  for (const line of describeNeeds(findNeededLibraries())) console.log(line);
  console.log('"oddflow doctor" tells whether it works, "pnpm gpu-check" whether it is right and how fast');
}

function defaultCache(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "oddflow");
}

function inferencesPackage(): string {
  // The compiled script lies in scripts/dist.
  const inference = createRequire(new URL("../../packages/inference/package.json", import.meta.url));
  try {
    return realpathSync(dirname(inference.resolve("onnxruntime-node/package.json")));
  } catch {
    throw new StepError(
      "find onnxruntime-node",
      'packages/inference has no onnxruntime-node: run "pnpm install"',
    );
  }
}

function checkPackage(packageFolder: string): void {
  const file = join(packageFolder, "package.json");
  if (!existsSync(file)) throw new StepError("find onnxruntime-node", `no package.json in ${packageFolder}`);
  const { name, version }: { name: string; version: string } = JSON.parse(readFileSync(file, "utf8"));
  if (name === "onnxruntime-node" && version === ONNXRUNTIME_VERSION) return;
  throw new StepError(
    "find onnxruntime-node",
    `found ${name} ${version}, expected onnxruntime-node ${ONNXRUNTIME_VERSION}: a provider fits its own version only`,
  );
}

function isComplete(folder: string): boolean {
  return LIBRARIES.every((name) => existsSync(join(folder, name)));
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** Fills a folder beside `folder` and renames it, so that a run cut short leaves nothing that looks complete. */
async function fillCache(folder: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const staging = mkdtempSync(`${folder}-`);
  try {
    console.log(`downloading ${WHEEL.requirement} (${MEGABYTES.download} MB, ${MEGABYTES.kept} MB are kept)`);
    const moves = [
      ...LIBRARIES.map((name) => [`onnxruntime/capi/${name}`, name] as const),
      ...NOTICES.map((name) => [`onnxruntime/${name}`, name] as const),
    ];
    await fetchFromWheel("the CUDA provider", WHEEL, moves, staging);
    // Another run may have filled the cache meanwhile. What is there and not complete is of no use.
    if (isComplete(folder)) return;
    rmSync(folder, { recursive: true, force: true });
    renameSync(staging, folder);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}
