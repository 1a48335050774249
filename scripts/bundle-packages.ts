/**
 * Makes the `bundle` folders of the packages that a scorer is made of: what Node imports of them, in a file or two each. Node takes
 * half a millisecond and more to find and to read a module, and a scorer was made of a hundred. What one package imports of another
 * stays an import, so that a program has each class once, whatever it imports. Bundlers, which leave out what is not used module
 * by module, get what tsc wrote, file by file. `pnpm compile` runs it.
 */
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { libraryFiles } from "./bundling/library-files.ts";

interface Manifest {
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

for (const name of ["preprocessing", "onnx", "detector", "inference"]) await bundle(name);

async function bundle(name: string): Promise<void> {
  const folder = fileURLToPath(new URL(`../../packages/${name}`, import.meta.url));
  const { exports }: Manifest = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const entries = Object.values(exports).map(({ node = "", "@oddflow/source": source = "" }) => [
    node.replace(/^\.\/bundle\/(.*)\.js$/, "$1"),
    `${folder}/${source}`,
  ]);
  rmSync(`${folder}/bundle`, { recursive: true, force: true });
  await build({
    input: Object.fromEntries(entries),
    platform: "node",
    external: [/^@oddflow\//, /^onnxruntime-web/],
    plugins: [libraryFiles],
    logLevel: "warn",
    output: { dir: `${folder}/bundle`, chunkFileNames: "[name].js", sourcemap: true },
  });
}
