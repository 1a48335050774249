/// <reference lib="dom" />
// In a file of its own: onnxruntime-web loads its WebAssembly once, and nothing here may have loaded it before.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createScorer } from "@oddflow/inference/web";
import { expect, test, vi } from "vitest";

const model = readFileSync(new URL("../../../fixtures/unsw-nb15.onnx", import.meta.url));
const wasmFile = createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");

test("WebAssembly comes compiled from the host, to two scorers at once, and the host's function is given back", async () => {
  const wasmModule = new WebAssembly.Module(readFileSync(wasmFile));
  const host = vi.spyOn(WebAssembly, "instantiate");
  const streaming = vi.spyOn(WebAssembly, "instantiateStreaming");
  const spied = WebAssembly.instantiate;
  const opening = Promise.all([createScorer(model, { wasmModule }), createScorer(model, { wasmModule })]);
  // Meanwhile others instantiate as ever. This is an empty module.
  const other = await WebAssembly.instantiate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
  expect(other.instance).toBeInstanceOf(WebAssembly.Instance);
  const scorers = await opening;
  for (const scorer of scorers) {
    const { scores } = await scorer.score([{ protocol: "tcp", dur: 0.4 }]);
    expect(scores[0]).toBeGreaterThan(0);
    await scorer.close();
  }
  expect(WebAssembly.instantiate).toBe(spied);
  expect(host.mock.calls.filter(([source]) => source === wasmModule)).toHaveLength(1);
  expect(streaming).not.toHaveBeenCalled();
});
