import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { findWasm } from "../conformance/bundle.ts";
import { pnpm, type Tarball } from "./pack.ts";

const PROGRAMS = [
  ...["in-process.js", "measure-scorer.js", "page.js", "page-answer.js", "worker.js"],
  ...["../service/bun-host.js", "../service/deno-host.js", "../service/workerd-host.js"],
];

/** Not that of any package of ours. */
const CONSUMER_VERSION = "7.8.9";

/**
 * An empty project outside the workspace with the tarballs installed, no install script run, and the programs of the
 * conformance and of the service's check copied into it. A package there finds what it names itself and nothing else.
 */
export function makeConsumer(folder: string, tarballs: readonly Tarball[], programs: string): void {
  mkdirSync(folder, { recursive: true });
  const local = Object.fromEntries(tarballs.map(({ name, file }) => [name, `file:${file}`]));
  const runtime = join(dirname(findWasm(programs)), "..", "package.json");
  const { version } = JSON.parse(readFileSync(runtime, "utf8")) as { version: string };
  const manifest = {
    name: "consumer",
    version: CONSUMER_VERSION,
    private: true,
    type: "module",
    // A worker's bundler imports the .wasm file from onnxruntime-web itself.
    dependencies: { ...local, "onnxruntime-web": version },
    // Nothing of ours is in a registry.
    pnpm: { overrides: local },
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  const settings = ["--ignore-scripts", "--prefer-offline", "--no-lockfile", "--config.hoist=false"];
  pnpm(folder, "install", ...settings, "--silent");
  for (const program of PROGRAMS) copyFileSync(join(programs, program), join(folder, basename(program)));
}
