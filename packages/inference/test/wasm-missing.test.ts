// In a file of its own: onnxruntime-web tries to load its WebAssembly once, and fails for good.
import { readFileSync } from "node:fs";
import { createScorer } from "@oddflow/inference/web";
import { expect, test, vi } from "vitest";

const model = readFileSync(new URL("../../../fixtures/unsw-nb15.onnx", import.meta.url));

test("WebAssembly that cannot be fetched is a refusal that says what to give, the second time too", async () => {
  // onnxruntime-web tells the console as well.
  const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
  for (const options of [{ wasmUrl: "http://127.0.0.1:1/ort.wasm" }, {}]) {
    await expect(createScorer(model, options)).rejects.toMatchObject({
      code: "PROVIDER_UNAVAILABLE",
      message: expect.stringMatching(
        /WebAssembly for wasm cannot be loaded: [^\n]+; give [^\n]+wasmUrl[^\n]+wasmModule/,
      ),
    });
  }
  expect(told).toHaveBeenCalled();
});
