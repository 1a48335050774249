import { readFileSync } from "node:fs";
import { builtinModules, createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { type BuiltEntry, buildEntry } from "./build-entry.ts";

const source = fileURLToPath(new URL("../../packages/inference/src/", import.meta.url));
const onnxruntime = dirname(
  createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm"),
);
const MB = 1e6;

/** Ceilings in bytes, some way above what is shipped: whoever raises one says why in the commit. */
const ENTRIES = [
  {
    entry: "web",
    script: { raw: 0.14 * MB, gzip: 0.046 * MB },
    madeFromText: [],
    wasm: { file: "ort-wasm-simd-threaded.wasm", raw: 14.5 * MB, gzip: 3.8 * MB },
  },
  {
    entry: "webgpu",
    script: { raw: 0.19 * MB, gzip: 0.06 * MB },
    // Emscripten's way to call methods by name, in onnxruntime-web's build. `pnpm conformance` scores with it in a page
    // whose Content-Security-Policy forbids code from text, so scoring does not come by it.
    madeFromText: [expect.stringContaining("(Object.keys(")],
    wasm: { file: "ort-wasm-simd-threaded.asyncify.wasm", raw: 27 * MB, gzip: 6.8 * MB },
  },
] as const;

describe.each(ENTRIES)(
  "@oddflow/inference/$entry, built by Vite for a page",
  ({ entry, script, madeFromText, wasm }) => {
    let chunks: BuiltEntry["chunks"];
    let assets: BuiltEntry["assets"];

    beforeAll(async () => {
      ({ chunks, assets } = await buildEntry(source, `${entry}.ts`));
    });

    test("pulls in no DuckDB, no onnxruntime-node and nothing of Node", () => {
      const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
      // It is the package that was built, with its runtime.
      expect(modules.some((id) => id.endsWith("/inference/src/scorer.ts"))).toBe(true);
      expect(
        modules.filter((id) => /\/onnxruntime-web\/dist\/ort\.\w+\.bundle\.min\.mjs$/.test(id)),
      ).toHaveLength(1);
      const foreign = /duckdb|onnxruntime-node|browser-external|node:|\/(tables|trainer|cli|report)\/src\//;
      expect(modules.filter((id) => foreign.test(id) || builtinModules.includes(id))).toEqual([]);
      const files = new Set(chunks.map(({ fileName }) => fileName));
      const outside = chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports]);
      expect(outside.filter((file) => !files.has(file))).toEqual([]);
    });

    test("makes no code from text, but where that is known", () => {
      // With a little of what stands around it: a whole bundle is no message.
      const made = /.{0,40}(?<![\w$.])(?:eval|Function)\s*\(.{0,40}/;
      expect(made.test("x=new Function(y)") && made.test("1,eval(z)")).toBe(true);
      expect(chunks.flatMap(({ code }) => made.exec(code)?.[0] ?? [])).toEqual(madeFromText);
    });

    test("keeps the runtime in a file of its own, which is loaded when a scorer is opened", () => {
      const first = chunks.find(({ isEntry }) => isEntry);
      expect(first?.imports).toEqual([]);
      expect(first?.moduleIds.some((id) => id.includes("onnxruntime-web"))).toBe(false);
      expect(first?.dynamicImports.length).toBeGreaterThan(0);
    });

    test("stays below its ceiling, JavaScript and WebAssembly, raw and gzipped", () => {
      const scripts = chunks.map(({ code }) => Buffer.from(code));
      expect(sum(scripts.map(({ length }) => length))).toBeLessThan(script.raw);
      expect(sum(scripts.map((code) => gzipSync(code).length))).toBeLessThan(script.gzip);
      // One WebAssembly file, and it is onnxruntime's as it came.
      expect(assets).toHaveLength(1);
      const shipped = readFileSync(join(onnxruntime, wasm.file));
      expect(Buffer.compare(Buffer.from(assets[0]?.source ?? ""), shipped)).toBe(0);
      expect(shipped.length).toBeLessThan(wasm.raw);
      expect(gzipSync(shipped).length).toBeLessThan(wasm.gzip);
    });
  },
);

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
