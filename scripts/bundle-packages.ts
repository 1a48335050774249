/**
 * Makes the `bundle` folders of the packages that a scorer is made of: what Node imports of them, in a file or two each. Node takes
 * half a millisecond and more to find and to read a module, and a scorer was made of a hundred. What one package imports of another
 * stays an import, so that a program has each class once, whatever it imports. Bundlers, which leave out what is not used module
 * by module, get what tsc wrote, file by file. `pnpm compile` runs it.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { libraryFiles } from "./bundling/library-files.ts";
import { ThirdPartyNotices } from "./bundling/third-party-notices.ts";

interface Manifest {
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

for (const name of ["preprocessing", "onnx", "detector", "inference"]) await bundle(name, exportsOf(name));
// The program of a thread: as one file it is found from the sources, too, which tests run.
await bundle("trainer", { "network-thread": "src/network-thread.ts" });
copyWebRuntime();

/** What a package exports to Node: names of files in its bundle, and their sources. */
function exportsOf(name: string): Record<string, string> {
  const { exports }: Manifest = JSON.parse(readFileSync(`${folderOf(name)}/package.json`, "utf8"));
  const entries = Object.values(exports).map(({ node = "", "@oddflow/source": source = "" }) => [
    node.replace(/^\.\/bundle\/(.*)\.js$/, "$1"),
    source,
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

async function bundle(name: string, sources: Readonly<Record<string, string>>): Promise<void> {
  const folder = folderOf(name);
  const notices = new ThirdPartyNotices();
  rmSync(`${folder}/bundle`, { recursive: true, force: true });
  await build({
    input: Object.fromEntries(Object.entries(sources).map(([entry, path]) => [entry, `${folder}/${path}`])),
    platform: "node",
    external: [/^@oddflow\//, /^onnxruntime-web/, "ml-matrix"],
    plugins: [libraryFiles, notices.plugin()],
    logLevel: "warn",
    output: { dir: `${folder}/bundle`, chunkFileNames: "[name].js", sourcemap: true },
  });
  notices.write(`${folder}/bundle`);
}

/** What `@oddflow/onnxruntime-web` is made of: files of onnxruntime-web, as they are. */
function copyWebRuntime(): void {
  const folder = folderOf("onnxruntime-web");
  const { files }: { files: string[] } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const wasm = createRequire(`${folder}/package.json`).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");
  rmSync(`${folder}/dist`, { recursive: true, force: true });
  mkdirSync(`${folder}/dist`);
  for (const file of files.filter((name) => name.startsWith("dist/"))) {
    copyFileSync(join(dirname(wasm), basename(file)), join(folder, file));
  }
}

function folderOf(name: string): string {
  return fileURLToPath(new URL(`../../packages/${name}`, import.meta.url));
}
