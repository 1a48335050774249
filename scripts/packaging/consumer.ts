import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pnpm, type Tarball, webRuntime } from "./pack.ts";

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
  const web = webRuntime(tarballs);
  const manifest = {
    name: "consumer",
    version: CONSUMER_VERSION,
    private: true,
    type: "module",
    // The runtimes are optional peers; and a worker's bundler imports the .wasm file from onnxruntime-web itself.
    dependencies: { ...local, "onnxruntime-node": web.version, "onnxruntime-web": `file:${web.file}` },
    // Nothing of ours is in a registry.
    pnpm: { overrides: local },
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  const settings = ["--ignore-scripts", "--prefer-offline", "--no-lockfile", "--config.hoist=false"];
  pnpm(folder, "install", ...settings, "--silent");
  for (const program of PROGRAMS) copyFileSync(join(programs, program), join(folder, basename(program)));
}
