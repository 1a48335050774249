import { readFile } from "node:fs/promises";
import { createScorer } from "@oddflow/inference/node";
import type { FlowRecord } from "@oddflow/preprocessing";
import { type BenchSuite, expectTrue } from "../case.ts";

/** Records that are parsed, to their scores. Arguments: model, lines of JSON, the CPU's threads. */
export async function recordsSuite([
  model = "",
  lines = "",
  threads = "",
]: readonly string[]): Promise<BenchSuite> {
  const text = await readFile(lines, "utf8");
  const records = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as FlowRecord);
  const scorer = await createScorer(model, { provider: "cpu", threads: Number(threads) });
  return {
    cases: [
      {
        name: "records in process",
        flows: records.length,
        check: async () => {
          const { scores } = await scorer.score(records);
          expectTrue(scores.every(Number.isFinite), "a record has no score");
        },
        run: () => scorer.score(records),
      },
    ],
    close: () => scorer.close(),
  };
}
