import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

/** What goes over the wire or into a deployment, in bytes. */
export interface ShippedSize {
  readonly raw: number;
  readonly gzip: number;
}

/** onnxruntime-web's WebAssembly, as the programs in a folder find it. */
export function findWasm(programs: string): string {
  return createRequire(join(programs, "worker.js")).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");
}

/** Builds a page's script with Vite, as an app, into `folder`: page.js and whatever it loads. */
export async function bundlePage(script: string, folder: string): Promise<void> {
  await build({
    root: dirname(script),
    base: "./",
    configFile: false,
    logLevel: "error",
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: "esnext",
      modulePreload: false,
      rolldownOptions: { input: script, output: { entryFileNames: "page.js" } },
    },
  });
}

/** Builds a worker's script with Vite into `folder`/worker.js: all JavaScript in one file, WebAssembly and model outside. */
export async function bundleWorker(script: string, folder: string): Promise<void> {
  await build({
    root: dirname(script),
    configFile: false,
    logLevel: "error",
    ssr: { noExternal: true, target: "webworker" },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: "esnext",
      minify: true,
      ssr: script,
      rolldownOptions: {
        external: /\.(wasm|onnx)$/,
        output: { entryFileNames: "worker.js", codeSplitting: false },
      },
    },
  });
}

/** The bytes of files together; a folder stands for all that is in it. */
export function shippedSize(paths: readonly string[]): ShippedSize {
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: "utf8" })
          .map((name) => join(path, name))
          .filter((file) => statSync(file).isFile())
      : [path],
  );
  const contents = files.map((file) => readFileSync(file));
  return {
    raw: contents.reduce((sum, bytes) => sum + bytes.length, 0),
    gzip: contents.reduce((sum, bytes) => sum + gzipSync(bytes).length, 0),
  };
}
