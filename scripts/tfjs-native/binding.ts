import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Program, runStep, StepError } from "../wheels/run-step.ts";
import { LIBRARIES } from "./pinned.ts";

/** The binding's file name, in the cache and in the package. */
export const BINDING = "tfjs_binding.node";

const COMPILER: Program = { command: "g++", ifMissing: "install a C++17 compiler (Debian: g++)" };
const SOURCES: readonly string[] = ["tfjs_backend.cc", "tfjs_binding.cc"];

/** Throws StepError where the compiler or the headers of Node are missing: better known before a long download. */
export function checkCompiler(): void {
  runStep("find a compiler", COMPILER, ["--version"]);
  nodeHeaders();
}

/** Compiles the C++ of the tfjs-node in `packageFolder` against the libtensorflow in `folder`, where the binding goes. */
export function compileBinding(packageFolder: string, folder: string): void {
  runStep("compile the binding", COMPILER, [
    ...["-std=c++17", "-O2", "-fPIC", "-shared", `-DNAPI_VERSION=${nodeApiVersion(packageFolder)}`],
    ...["-I", nodeHeaders(), "-I", join(folder, "include")],
    ...SOURCES.map((name) => join(packageFolder, "binding", name)),
    ...LIBRARIES.map((name) => join(folder, name)),
    // The libraries are found beside the binding, so the cache may be moved.
    ...["-Wl,-rpath,$ORIGIN", "-o", join(folder, BINDING)],
  ]);
}

/**
 * Where this Node looks for the binding in a tfjs-node package: a folder named by the newest Node-API version that both know,
 * which is how node-pre-gyp names it.
 */
export function bindingPath(packageFolder: string): string {
  return join(packageFolder, "lib", `napi-v${nodeApiVersion(packageFolder)}`, BINDING);
}

/** Links the binding in `folder` into the package. A link of an earlier run is replaced. */
export function linkBinding(packageFolder: string, folder: string): void {
  const link = bindingPath(packageFolder);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(join(folder, BINDING), link);
}

/** Whether the package has a binding that is not a link of ours: its own install script could download one. */
export function hasOwnBinding(packageFolder: string): boolean {
  return lstatSync(bindingPath(packageFolder), { throwIfNoEntry: false })?.isFile() ?? false;
}

function nodeApiVersion(packageFolder: string): number {
  const manifest: { binary: { napi_versions: number[] } } = JSON.parse(
    readFileSync(join(packageFolder, "package.json"), "utf8"),
  );
  const mine = Number(process.versions["napi"]);
  return Math.max(...manifest.binary.napi_versions.filter((version) => version <= mine));
}

/** The folder of node_api.h: that of the node-api-headers package, or the one beside the running Node. */
function nodeHeaders(): string {
  const besideNode = join(dirname(process.execPath), "..", "include", "node");
  const folders = [packagedHeaders(), besideNode].filter((folder) => folder !== undefined);
  const found = folders.find((folder) => existsSync(join(folder, "node_api.h")));
  if (found) return found;
  throw new StepError(
    "find the headers of Node",
    `no node_api.h in ${folders.join(" or ")}: run "pnpm install" to get the node-api-headers package`,
  );
}

function packagedHeaders(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("node-api-headers/package.json")), "include");
  } catch {
    return undefined;
  }
}
