import { createScorer } from "@oddflow/inference/node";
import { createRecordEncoder } from "@oddflow/preprocessing";
import { type BenchSuite, expectTrue } from "../case.ts";
import { MODEL, makeRecords } from "../inputs.ts";

const BATCHES = [1, 256, 4096, 65_536];

/** The shipped model alone on onnxruntime-node's CPU provider, all threads. */
export async function modelSuite(): Promise<BenchSuite> {
  const scorer = await createScorer(MODEL, { provider: "cpu" });
  const largest = Math.max(...BATCHES);
  const { flows } = createRecordEncoder(scorer.columns).encode(makeRecords(scorer.columns, largest));
  const scores = new Float32Array(largest);
  const expected = (await scorer.score(flows.subarray(0, 64 * scorer.columns.length))).scores;
  return {
    title: "The model alone, onnxruntime-node on the CPU, all threads",
    cases: BATCHES.map((batch) => {
      const part = flows.subarray(0, batch * scorer.columns.length);
      return {
        name: `batch ${batch.toLocaleString("en-US")}`,
        flows: batch,
        check: async () => {
          const got = (await scorer.score(part)).scores.subarray(0, expected.length);
          const same = got.every(
            (score, i) => Math.abs(score - (expected[i] ?? 0)) <= 1e-5 * Math.max(1, score),
          );
          expectTrue(same, `the scores at batch ${batch} differ from those at batch 64`);
        },
        run: () => scorer.score(part, { scores }),
      };
    }),
    close: () => scorer.close(),
  };
}
