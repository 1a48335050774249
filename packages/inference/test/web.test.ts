/// <reference lib="dom" />
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createScorer } from "@oddflow/inference/web";
import { createScorer as createGpuScorer } from "@oddflow/inference/webgpu";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const model = readFileSync(new URL("../../../fixtures/unsw-nb15.onnx", import.meta.url));
const flow = { protocol: "tcp", state: "FIN", service: "http", dur: 0.4, sbytes: 1200 };

let server: Server;
let address = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === "/model.onnx") response.end(model);
    else if (request.url === "/cut.onnx") {
      response.writeHead(200, { "Content-Length": model.length });
      response.write(model.subarray(0, 1000), () => response.destroy());
    } else response.writeHead(404).end("no");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function scoreOne(opened: ReturnType<typeof createScorer>): Promise<number | undefined> {
  const scorer = await opened;
  const { scores } = await scorer.score([flow]);
  await scorer.close();
  return scores[0];
}

test("takes a model as bytes, a buffer, an address, a URL and a response, and scores the same", async () => {
  const wanted = await scoreOne(createScorer(model));
  expect(wanted).toBeGreaterThan(0);
  const sources = [
    new Uint8Array(model).buffer,
    `${address}/model.onnx`,
    new URL("/model.onnx", address),
    new Response(model),
    await fetch(`${address}/model.onnx`),
  ];
  for (const source of sources) expect(await scoreOne(createScorer(source))).toBe(wanted);
});

test.each([
  [
    "nothing there",
    () => `${address}/other.onnx`,
    /other\.onnx: the answer was 404 Not Found; give the address/,
  ],
  ["a refusal as a response", () => new Response("no", { status: 403 }), /the response: the answer was 403;/],
  ["nobody listening", () => "http://127.0.0.1:1/model.onnx", /127\.0\.0\.1:1\/model\.onnx: .+; give/],
  ["no address", () => "model.onnx", /open model: model\.onnx: /],
  ["a cut answer", () => `${address}/cut.onnx`, /cut\.onnx: /],
])("refuses a model that cannot be fetched: %s", async (_, source, message) => {
  await expect(createScorer(source())).rejects.toMatchObject({
    code: "MODEL_NOT_FOUND",
    message: expect.stringMatching(message),
  });
});

test("an answer that is no model is refused as one", async () => {
  await expect(createScorer(new Response("<html>sign in</html>"))).rejects.toMatchObject({
    code: "MODEL_INVALID",
  });
});

test("refuses options that cannot be had", async () => {
  const wasmModule = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
  for (const [options, message] of [
    [{ threads: 0 }, "the number of threads is 0; expected a whole number from 1 to 256"],
    [{ threads: 1.5 }, "the number of threads is 1.5"],
    [{ threads: 2 }, "cross-origin isolated"],
    [{ wasmUrl: address, wasmModule }, "both wasmUrl and wasmModule"],
  ] as const) {
    await expect(createScorer(model, options)).rejects.toMatchObject({
      code: "OPTION_RANGE",
      message: expect.stringContaining(message),
    });
  }
});

test("webgpu says what is missing, after it has looked at the file", async () => {
  const hosts = [
    [undefined, /webgpu provider cannot be had: this host has no WebGPU .+; use @oddflow\/inference\/web$/],
    [{ gpu: { requestAdapter: async () => null } }, /no adapter: .+; use @oddflow\/inference\/web$/],
  ] as const;
  for (const [navigator, message] of hosts) {
    vi.stubGlobal("navigator", navigator);
    await expect(createGpuScorer(model)).rejects.toMatchObject({
      code: "PROVIDER_UNAVAILABLE",
      message: expect.stringMatching(message),
    });
    await expect(createGpuScorer(model.subarray(0, 100))).rejects.toMatchObject({ code: "MODEL_INVALID" });
  }
  vi.unstubAllGlobals();
});
