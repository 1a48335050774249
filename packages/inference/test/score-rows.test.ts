import { type FlowBlock, type Reason, type Scorer, scoreRows, Verdict } from "@oddflow/inference";
import { createScorer } from "@oddflow/inference/node";
import { OddflowError, type PreprocessingSpec } from "@oddflow/preprocessing";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { constantModel } from "./constant-model.ts";

const SPEC: PreprocessingSpec = {
  version: 1,
  columns: ["a", "b"].map((name) => ({
    kind: "number",
    name,
    median: 0,
    transform: "identity",
    mean: 0,
    scale: 1,
  })),
};
const scorer = await createScorer(constantModel(SPEC, [0, 0]), { provider: "cpu", threads: 1 });
afterAll(() => scorer.close());

/** Flows of whole numbers, whose scores are their mean squares; and where the blocks are cut. */
const cutFlows = fc.record({
  flows: fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), {
    minLength: 1,
    maxLength: 60,
  }),
  sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 }),
});

/** Blocks in one buffer, as tables give them. */
function* blocksOf(flows: readonly (readonly number[])[], sizes: readonly number[]): Generator<FlowBlock> {
  const buffer = new Float32Array(2 * flows.length);
  for (let first = 0, block = 0; first < flows.length; block++) {
    const values = flows.slice(first, first + (sizes[block % sizes.length] as number)).flat();
    buffer.set(values);
    yield { flows: buffer.subarray(0, values.length) };
    first += values.length / 2;
  }
}

describe("scored rows", () => {
  test("say of each flow what the scorer says of it alone, wherever the blocks are cut", async () => {
    await fc.assert(
      fc.asyncProperty(cutFlows, fc.integer({ min: 0, max: 81 }), async ({ flows, sizes }, threshold) => {
        const verdict = new Verdict(threshold);
        const said: unknown[] = [];
        let anomalies = 0;
        const source = blocksOf(flows, sizes);
        for await (const rows of scoreRows(source, scorer, verdict, { top: 1, reasons: 1, firstRow: 7 })) {
          expect(rows.firstRow).toBe(7 + said.length);
          anomalies += rows.anomalies;
          rows.score.forEach((score, row) => {
            const reasons = JSON.parse(rows.reasons?.[row] ?? "null") as readonly Reason[] | null;
            said.push([
              score,
              rows.isAnomaly[row],
              rows.rarity[row],
              rows.top?.[row],
              reasons?.[0]?.name ?? null,
            ]);
          });
        }
        const expected = flows.map(([a = 0, b = 0]) => {
          const score = (a * a + b * b) / 2;
          const place = b * b > a * a ? 1 : 0;
          const isAnomaly = score >= threshold;
          const name = isAnomaly ? (SPEC.columns[place]?.name ?? null) : null;
          return [score, isAnomaly ? 1 : 0, scorer.thresholds.rarityOf(score), place, name];
        });
        expect(said).toEqual(expected);
        expect(anomalies).toBe(expected.filter(([, isAnomaly]) => isAnomaly === 1).length);
      }),
      { numRuns: 40 },
    );
  });

  test("ask for reasons of anomalies alone, with their records, and for errors where they are wanted", async () => {
    const asked: unknown[] = [];
    const watched: Scorer = {
      ...scorer,
      score: (flows, request) => scorer.score(flows, request),
      explain: (flows, request) => {
        asked.push([flows, request.records]);
        return scorer.explain(flows, request);
      },
    };
    const block: FlowBlock = {
      flows: Float32Array.of(1, 1, 9, 9, 0, 2),
      record: (row) => ({ a: [1, 9, 0][row], b: [1, 9, 2][row] }),
    };
    for await (const rows of scoreRows([block], watched, new Verdict(50), { reasons: 2 })) {
      expect(rows.reasons?.map((text) => text === null)).toEqual([true, false, true]);
      expect(rows.errors).toBeUndefined();
    }
    expect(asked).toEqual([[Float32Array.of(9, 9), [{ a: 9, b: 9 }]]]);
    for await (const rows of scoreRows([block], watched, new Verdict(50), { errors: true })) {
      expect([...(rows.errors ?? [])]).toEqual([1, 1, 81, 81, 0, 4]);
      expect([rows.top, rows.reasons]).toEqual([undefined, undefined]);
    }
    expect(asked).toHaveLength(1);
  });

  test("end with what ends their source, after the rows before it", async () => {
    const source = async function* (): AsyncGenerator<FlowBlock> {
      yield { flows: Float32Array.of(1, 1) };
      throw new OddflowError("RECORD_INVALID", "line 2");
    };
    let scored = 0;
    const all = (async () => {
      for await (const rows of scoreRows(source(), scorer, new Verdict(1))) scored += rows.anomalies;
    })();
    await expect(all).rejects.toMatchObject({ code: "RECORD_INVALID" });
    expect(scored).toBe(1);
  });
});
