import { readFile } from "node:fs/promises";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import { createScorer as createWebScorer } from "@oddflow/inference/web";
import { type BenchCase, type BenchSuite, expectScores } from "../case.ts";
import { batchCase, ONE_CALL } from "../case-names.ts";
import { readFlows } from "../inputs.ts";

/** How many flows the reference run scores, on the CPU's provider. */
const COMPARED = 64;

/**
 * A model alone. Arguments: model, table, "wasm" or the CPU's threads, batches with commas between them, and how many seconds a
 * case takes each time it is asked for, where Benchmark.js is not to time it.
 */
export async function modelSuite(args: readonly string[]): Promise<BenchSuite> {
  const [model = "", table = "", where = "", batches = "", seconds] = args;
  const bytes = await readFile(model);
  const reference = await createScorer(bytes, { provider: "cpu", threads: 1 });
  const { columns } = reference;
  const flows = await readFlows(table, columns);
  const expected = (await reference.score(flows.subarray(0, COMPARED * columns.length))).scores;
  await reference.close();
  const scorer: Scorer =
    where === "wasm"
      ? await createWebScorer(bytes)
      : await createScorer(bytes, { provider: "cpu", threads: Number(where) });
  const cases = batches
    .split(",")
    .map(Number)
    .map((batch): BenchCase => {
      const block = flows.subarray(0, batch * columns.length);
      const scores = new Float32Array(batch);
      return {
        name: batchCase(batch),
        flows: batch,
        timing: seconds === undefined ? "benchmark" : { seconds: Number(seconds) },
        check: async () => {
          const got = await scorer.score(block);
          expectScores(batchCase(batch), got.scores, expected.subarray(0, batch));
        },
        run: () => scorer.score(block, { scores }),
      };
    });
  const one = cases.find(({ flows: batch }) => batch === 1);
  if (one) cases.push({ ...one, name: ONE_CALL, timing: "calls" });
  return { cases, close: () => scorer.close() };
}
