import { readFileSync } from "node:fs";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scoreInThreads } from "../src/threads/threaded-scorer.ts";
import { readFlows } from "./fitted-model.ts";
import { FLOWS, MODEL } from "./run-cli.ts";

describe("a scorer in threads", () => {
  let alone: Scorer;
  let threaded: Scorer;
  let flows: Float32Array;
  beforeAll(async () => {
    const model = readFileSync(MODEL);
    alone = await createScorer(model, { threads: 1 });
    threaded = scoreInThreads(await createScorer(model, { threads: 1 }), model, 2);
    flows = await readFlows(FLOWS, alone);
  });
  afterAll(async () => {
    await alone.close();
    await threaded.close();
  });

  test("gives what the scorer gives, to the last bit and in the caller's order, for calls side by side of any size", async () => {
    const width = alone.columns.length;
    const call = fc.record({
      first: fc.nat({ max: 1000 }),
      count: fc.oneof(fc.nat({ max: 40 }), fc.constantFrom(0, 2048, 2049, 6000)),
      errors: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 4 }), async (calls) => {
        const parts = calls.map(({ first, count }) => flows.subarray(first * width, (first + count) * width));
        const found = await Promise.all(
          calls.map(({ errors }, i) => threaded.score(parts[i] as Float32Array, { errors })),
        );
        for (const [i, { errors }] of calls.entries()) {
          expect(found[i]).toEqual(await alone.score(parts[i] as Float32Array, { errors }));
        }
      }),
      { numRuns: 8 },
    );
  });

  test("writes into the caller's buffers and leaves the flows to the caller", async () => {
    const width = alone.columns.length;
    const part = flows.slice(0, 3000 * width);
    const scores = new Float32Array(3001);
    const errors = new Float32Array(3000 * width);
    await threaded.score(part, { scores, errors });
    const expected = await alone.score(part, { errors: true });
    expect(part).toEqual(flows.subarray(0, 3000 * width));
    expect(scores.subarray(0, 3000)).toEqual(expected.scores);
    expect(errors).toEqual(expected.errors);
  });

  test("refuses what the scorer refuses, in its words, and scores on", async () => {
    for (const [given, options] of [
      [new Float32Array(5), {}],
      [flows, { scores: new Float32Array(3) }],
      [flows, { errors: new Float32Array(3) }],
      ["flows", {}],
    ] as [Float32Array, object][]) {
      const refusal = await alone.score(given, options).catch((error: Error) => error);
      expect(refusal).toBeInstanceOf(Error);
      await expect(threaded.score(given, options)).rejects.toEqual(refusal);
    }
    expect((await threaded.score(flows)).scores).toHaveLength(24_000);
  });

  test("that is closed scores no more, and gives up what it was in the middle of", async () => {
    const model = readFileSync(MODEL);
    const closing = scoreInThreads(await createScorer(model, { threads: 1 }), model, 2);
    const begun = closing.score(flows).catch((error: Error) => error.message);
    await closing.close();
    expect(await begun).toMatch(/ended before/);
    await expect(closing.score(flows)).rejects.toThrow(/ended/);
  });
});
