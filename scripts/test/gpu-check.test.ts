import { readFileSync } from "node:fs";
import { createScorer, openNodeSession, Tensor } from "@oddflow/inference/node";
import { expect, test, vi } from "vitest";
import { makeFlows, worstDifference } from "../gpu-check/flows.ts";
import { prove } from "../gpu-check/profiled.ts";
import { timeSizes } from "../gpu-check/sizes.ts";

const model = readFileSync(new URL("../../fixtures/unsw-nb15.onnx", import.meta.url));

test("what the CPU ran proves the CPU and no other provider", async () => {
  const scorer = await createScorer(model, { provider: "cpu" });
  const flows = makeFlows(scorer.columns, 8);
  await scorer.close();
  const runOnCpu = async (profile: string): Promise<void> => {
    const session = await openNodeSession(model, "cpu", 1, { profile });
    await session.run({ flows: new Tensor("float32", flows, [8, flows.length / 8]) }, ["score"]);
    await session.release();
  };
  const [onCpu, onCuda] = [await prove("cpu", runOnCpu), await prove("cuda", runOnCpu)];
  expect(onCpu).toMatchObject({ proven: true, onCpu: [] });
  expect(onCpu.products).toBeGreaterThan(0);
  expect(onCuda.proven).toBe(false);
  expect(onCuda.onCpu.length).toBeGreaterThan(0);
});

test("a slow device gets smaller sizes and is told so, one that fails keeps what was timed", async () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const prepared: number[] = [];
  const prepare = async (batch: number): Promise<() => Promise<void>> => {
    prepared.push(batch);
    return async () => {
      now += 400;
    };
  };
  const slow = await timeSizes([2, 1000, 2000], 1, prepare, 100);
  // Three seconds at 100 flows a second are 300 flows; 256 of them in 0.4 s are 640 a second.
  expect(prepared).toEqual([2, 256, 1024]);
  expect(slow.timings.map(({ batch }) => batch)).toEqual(prepared);
  expect(slow.notes).toEqual([
    expect.stringMatching(/batch 1,000 would take about 10 s here: shrunk to 256/),
    expect.stringMatching(/batch 2,000 would take about \d s here: shrunk to 1,024/),
  ]);
  const failing = await timeSizes(
    [2, 4, 8],
    1,
    (n) => (n === 4 ? Promise.reject(Error("full")) : prepare(n)),
    1e6,
  );
  expect(failing.timings.map(({ batch }) => batch)).toEqual([2]);
  expect(failing.notes).toEqual(["a batch of 4 failed: full"]);
  vi.restoreAllMocks();
});

test("values that are no numbers, and lists of other lengths, differ infinitely", () => {
  expect(worstDifference([1, 200], [1.5, 201])).toBe(0.5);
  expect(worstDifference([1, Number.NaN], [1, 1])).toBe(Infinity);
  expect(worstDifference([1, 2], [1])).toBe(Infinity);
});
