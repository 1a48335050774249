import { readFileSync } from "node:fs";
import * as node from "@oddflow/inference/node";
import * as web from "@oddflow/inference/web";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parallelRows, planRuns } from "../src/run-plan.ts";

const model = readFileSync(new URL("../../../fixtures/unsw-nb15.onnx", import.meta.url));

const runtimes = [
  ["onnxruntime-node, one thread", () => node.createScorer(model, { provider: "cpu", threads: 1 })],
  ["onnxruntime-node, two threads", () => node.createScorer(model, { provider: "cpu", threads: 2 })],
  ["onnxruntime-node, three threads", () => node.createScorer(model, { provider: "cpu", threads: 3 })],
  ["onnxruntime-web", () => web.createScorer(model)],
] as const;

/** Encoded flows of all sorts: small and huge numbers, codes, missing and infinite values. Row-major `[rows, columns]`. */
function someFlows({ columns }: node.Scorer, rows: number, seed: number): Float32Array {
  let state = seed;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  const value = (place: number): number => {
    const column = columns[place % columns.length];
    const odd = random();
    if (odd < 0.05) return odd < 0.04 ? Number.NaN : Number.POSITIVE_INFINITY;
    return column?.kind === "category"
      ? Math.floor(random() * (column.vocabulary.length + 1))
      : Math.exp(random() * 16) * (odd < 0.1 ? -1 : 1);
  };
  return Float32Array.from({ length: rows * columns.length }, (_, place) => value(place));
}

/** Score and column errors of each flow, as bits: NaN equals itself, and 0 is not -0. */
async function scoredBits(scorer: node.Scorer, flows: Float32Array): Promise<Uint32Array[]> {
  const width = scorer.columns.length;
  const { scores, errors = new Float32Array() } = await scorer.score(flows, { errors: true });
  return Array.from(scores, (score, row) => {
    const all = Float32Array.of(score, ...errors.subarray(row * width, (row + 1) * width));
    return new Uint32Array(all.buffer);
  });
}

describe.each(runtimes)("%s", (_, open) => {
  test("a flow's score and column errors are the same bits in a batch of any size", async () => {
    const scorer = await open();
    const width = scorer.columns.length;
    const flows = someFlows(scorer, 130, 7);
    const alone: Uint32Array[] = [];
    for (let row = 0; row < 130; row++) {
      const [bits] = await scoredBits(scorer, flows.subarray(row * width, (row + 1) * width));
      alone.push(bits as Uint32Array);
    }
    for (let size = 2; size <= 65; size++) {
      for (const first of [0, 130 - size]) {
        const together = await scoredBits(scorer, flows.subarray(first * width, (first + size) * width));
        expect(together, `${size} flows from ${first} on`).toEqual(alone.slice(first, first + size));
      }
    }
    await scorer.close();
  });

  test("and in calls that are made at the same time", async () => {
    const scorer = await open();
    const width = scorer.columns.length;
    const flows = someFlows(scorer, 36, 5);
    const wanted = await scoredBits(scorer, flows);
    // Of sizes that the graph is not given: 1, 2, 3, 1 and so on, each again when the others are still waiting.
    const sizes = Array.from({ length: 18 }, (_, call) => 1 + (call % 3));
    let first = 0;
    const calls = sizes.map((size) => {
      first += size;
      return scoredBits(scorer, flows.subarray((first - size) * width, first * width));
    });
    expect((await Promise.all(calls)).flat()).toEqual(wanted);
    await scorer.close();
  });

  test("and at every place of a call of thousands, whatever lies beside it", async () => {
    const scorer = await open();
    const width = scorer.columns.length;
    const few = someFlows(scorer, 61, 11);
    const alone = await scoredBits(scorer, few);
    // 61 and the sizes of runs have no common divisor, so each flow comes to lie at ever other places.
    const rows = 2 * scorer.batchSize + 4211;
    const many = new Float32Array(rows * width);
    for (let at = 0; at < many.length; at += few.length) {
      many.set(few.subarray(0, Math.min(few.length, many.length - at)), at);
    }
    const places = await scoredBits(scorer, many);
    const differ = places.filter((bits, row) => bits.some((bit, i) => bit !== alone[row % 61]?.[i]));
    expect(differ).toEqual([]);
    await scorer.close();
  });
});

test("runs cover a call's rows in their order, in whole vectors", () => {
  fc.assert(
    fc.property(
      fc.nat(200_000),
      fc.option(
        fc.record({ threads: fc.integer({ min: 2, max: 64 }), narrowest: fc.integer({ min: 1, max: 400 }) }),
      ),
      (rows, several) => {
        const parallel = several ? parallelRows(several.threads, several.narrowest, 8192) : undefined;
        let next = 0;
        for (const run of planRuns(rows, parallel, 512)) {
          expect(run.first).toBe(next);
          expect(run.rows).toBeGreaterThan(0);
          expect(run.filledRows - run.rows).toBeLessThan(4);
          expect(run.filledRows % 4).toBe(0);
          if (run.parallel) expect(run.filledRows).toBe(run.rows);
          next += run.rows;
        }
        expect(next).toBe(rows);
      },
    ),
  );
});
