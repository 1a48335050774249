import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as node from "@oddflow/inference/node";
import * as web from "@oddflow/inference/web";
import { encodeModel, GraphBuilder } from "@oddflow/onnx";
import { createRecordEncoder, type FlowRecord } from "@oddflow/preprocessing";
import { describe, expect, test } from "vitest";

const modelPath = fileURLToPath(new URL("../../../fixtures/unsw-nb15.onnx", import.meta.url));
const model = readFileSync(modelPath);
const entries = [
  ["node", (bytes: Uint8Array) => node.createScorer(bytes, { provider: "cpu", threads: 1 })],
  ["web", (bytes: Uint8Array) => web.createScorer(bytes)],
] as const;

/** Flows of all sorts: usual values, missing ones, infinities, unseen categories. */
function makeRecords(count: number): FlowRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    protocol: ["tcp", "udp", "never-seen"][i % 3],
    state: ["FIN", "CON", "INT", null][i % 4],
    service: ["http", "-", "dns"][i % 3],
    dur: (i % 17) * 0.37,
    sbytes: i * 911,
    dbytes: (i % 29) ** 4,
    sttl: [31, 62, 254][i % 3],
    dttl: [29, 252, 0][i % 3],
    sload: i % 11 === 0 ? Infinity : i * 1e5,
    spkts: 1 + (i % 40),
    tcprtt: i % 7 === 0 ? "" : String((i % 100) / 1000),
    stcpb: (i * 2_654_435_761) % 4_294_967_296,
  }));
}

describe.each(entries)("%s", (_, open) => {
  test("scores any number of flows, the same whatever comes with them", async () => {
    const scorer = await open(model);
    const records = makeRecords(5000);
    const { flows } = createRecordEncoder(scorer.columns).encode(records);
    const all = await scorer.score(flows);
    expect(all.flows).toBe(5000);
    expect(all.scores.every((score) => Number.isFinite(score) && score > 0)).toBe(true);
    const width = scorer.columns.length;
    for (const count of [0, 1, 2, 4095, 4096, 4097]) {
      const { scores } = await scorer.score(flows.subarray(0, count * width));
      expect(scores).toHaveLength(count);
      scores.forEach((score, i) => {
        expect(Math.abs(score - (all.scores[i] ?? 0))).toBeLessThanOrEqual(1e-5 * Math.max(1, score));
      });
    }
    await scorer.close();
  });

  test("encodes records by the spec in the model, and tells what was unseen and missing", async () => {
    const scorer = await open(model);
    const records = makeRecords(90);
    const encoded = createRecordEncoder(scorer.columns).encode(records);
    const fromRecords = await scorer.score(records);
    expect(fromRecords.scores).toEqual((await scorer.score(encoded.flows)).scores);
    expect(fromRecords.report).toEqual(encoded.report);
    expect(fromRecords.report?.unseen.get("protocol")).toBe(30);
    expect((await scorer.score([])).scores).toHaveLength(0);
    await scorer.close();
  });

  test("gives each column's error, whose mean is the score, and writes into given buffers", async () => {
    const scorer = await open(model);
    const width = scorer.columns.length;
    const buffers = { scores: new Float32Array(12).fill(-1), errors: new Float32Array(12 * width).fill(-1) };
    const result = await scorer.score(makeRecords(10), buffers);
    expect(result.scores).toBe(buffers.scores);
    expect(result.errors).toBe(buffers.errors);
    for (let row = 0; row < 10; row++) {
      const errors = buffers.errors.subarray(row * width, (row + 1) * width);
      const mean = errors.reduce((sum, error) => sum + error, 0) / width;
      expect(Math.abs(mean / (buffers.scores[row] ?? 0) - 1)).toBeLessThan(1e-4);
    }
    expect([...buffers.scores.subarray(10)]).toEqual([-1, -1]);
    expect(buffers.errors.subarray(10 * width).every((error) => error === -1)).toBe(true);
    expect((await scorer.score(makeRecords(3))).errors).toBeUndefined();
    await scorer.close();
  });

  test("carries columns, thresholds and the training record of the model", async () => {
    const scorer = await open(model);
    expect(scorer.columns).toHaveLength(33);
    expect(scorer.training).toMatchObject({ seed: 1 });
    const { thresholds } = scorer;
    expect(thresholds.forBudget(0.001)).toBeGreaterThan(thresholds.forBudget(0.01));
    expect(thresholds.youden).toBeGreaterThan(0);
    expect(thresholds.rarityOf(thresholds.forBudget(0.02))).toBeCloseTo(0.02, 9);
    await scorer.close();
  });

  test("refuses flows that do not fit, before anything runs", async () => {
    const scorer = await open(model);
    const refusal = (message: string) =>
      expect.objectContaining({ code: "FLOWS_SHAPE", message: expect.stringContaining(message) });
    await expect(scorer.score(new Float32Array(34))).rejects.toEqual(
      refusal("34 values found; expected a multiple of 33"),
    );
    await expect(scorer.score(new Float32Array(66), { scores: new Float32Array(1) })).rejects.toEqual(
      refusal("scores"),
    );
    await expect(scorer.score(new Float32Array(33), { errors: new Float32Array(3) })).rejects.toEqual(
      refusal("errors"),
    );
    await expect(scorer.score([{ dur: 1 }, { dur: "long" }])).rejects.toMatchObject({
      code: "VALUE_NOT_A_NUMBER",
      row: 1,
    });
    await scorer.close();
  });

  test("refuses what is no detector, each with its own code", async () => {
    const graph = new GraphBuilder("g");
    graph.node("Identity", [graph.input("x", "float32", [1])], {}, "y");
    graph.output("y", "float32", [1]);
    const plain = encodeModel({ graph: graph.build(), opset: 17, producer: "other", metadata: new Map() });
    const later = Buffer.from(
      model.toString("latin1").replace("oddflow.format\x12\x012", "oddflow.format\x12\x019"),
      "latin1",
    );
    const cases: [Uint8Array, string][] = [
      [new Uint8Array(), "MODEL_INVALID"],
      [new TextEncoder().encode("this is no model"), "MODEL_INVALID"],
      [model.subarray(0, model.length / 2), "MODEL_INVALID"],
      [model.subarray(0, model.length - 1), "MODEL_INVALID"],
      [plain, "MODEL_INVALID"],
      [later, "MODEL_FORMAT_VERSION"],
    ];
    for (const [bytes, code] of cases) await expect(open(bytes)).rejects.toMatchObject({ code });
  });
});

test("the web entry gives the node entry's scores and errors to 1e-5", async () => {
  const [onNode, onWeb] = [
    await node.createScorer(model, { provider: "cpu" }),
    await web.createScorer(model),
  ];
  const records = makeRecords(3000);
  const native = await onNode.score(records, { errors: true });
  const wasm = await onWeb.score(records, { errors: true });
  const worst = (a: Float32Array = new Float32Array(1), b: Float32Array = new Float32Array(0)): number =>
    a.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Infinity)) / Math.max(1, value)),
      0,
    );
  expect(worst(native.scores, wasm.scores)).toBeLessThan(1e-5);
  expect(worst(native.errors, wasm.errors)).toBeLessThan(1e-5);
  await onNode.close();
  await onWeb.close();
});

describe("on Node", () => {
  test("a path opens the file there, and a path to nothing says so", async () => {
    const scorer = await node.createScorer(modelPath);
    expect(scorer.columns).toHaveLength(33);
    await scorer.close();
    await expect(node.createScorer("no/such/model.onnx")).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: "open model: no/such/model.onnx: no such file; name a model file",
    });
  });

  test("what cannot be is refused before a session is opened, and closing twice is harmless", async () => {
    await expect(node.createScorer(model, { provider: "gpu" as never })).rejects.toMatchObject({
      code: "PROVIDER_UNAVAILABLE",
    });
    await expect(node.createScorer(model, { threads: -1 })).rejects.toMatchObject({ code: "OPTION_RANGE" });
    const scorer = await node.createScorer(model);
    await expect(scorer.score(null as never)).rejects.toMatchObject({ code: "FLOWS_SHAPE" });
    await expect(scorer.score({ length: 0 } as never)).rejects.toMatchObject({ code: "FLOWS_SHAPE" });
    await scorer.close();
    await scorer.close();
    await expect(scorer.score([])).rejects.toThrow("the scorer is closed");
  });

  test("a provider is given or refused, and only auto falls back", async () => {
    const auto = await node.createScorer(model, { provider: "auto" });
    expect(["cpu", "cuda"]).toContain(auto.provider);
    await auto.close();
    if (auto.provider === "cuda") return;
    await expect(node.createScorer(model, { provider: "cuda" })).rejects.toMatchObject({
      code: "PROVIDER_UNAVAILABLE",
      message: expect.stringMatching(/cuda provider cannot be had: .+NVIDIA GPU.+README.+the cpu provider/),
    });
  });
});
