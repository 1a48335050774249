import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { findWasm } from "../conformance/bundle.ts";
import { pnpm, type Tarball } from "./pack.ts";

const PROGRAMS = [
  ...["in-process.js", "measure-scorer.js", "page.js", "page-answer.js", "worker.js"],
  ...["../service/bun-host.js", "../service/deno-host.js", "../service/workerd-host.js"],
];

/**
 * An empty project outside the workspace with the tarballs installed, no install script run, and the programs of the
 * conformance and of the service's check copied into it.
 */
export function makeConsumer(folder: string, tarballs: readonly Tarball[], programs: string): void {
  mkdirSync(folder, { recursive: true });
  const local = Object.fromEntries(tarballs.map(({ name, file }) => [name, `file:${file}`]));
  const runtime = join(dirname(findWasm(programs)), "..", "package.json");
  const { version } = JSON.parse(readFileSync(runtime, "utf8")) as { version: string };
  const manifest = {
    name: "consumer",
    private: true,
    type: "module",
    // A worker's bundler imports the .wasm file from onnxruntime-web itself.
    dependencies: {
      "@oddflow/inference": local["@oddflow/inference"],
      "@oddflow/edge-service": local["@oddflow/edge-service"],
      "onnxruntime-web": version,
    },
    // Nothing of ours is in a registry.
    pnpm: { overrides: local },
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  pnpm(folder, "install", "--ignore-scripts", "--prefer-offline", "--no-lockfile", "--silent");
  for (const program of PROGRAMS) copyFileSync(join(programs, program), join(folder, basename(program)));
}
