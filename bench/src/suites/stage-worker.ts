import { parentPort, workerData } from "node:worker_threads";
import { createScorer } from "@oddflow/inference/node";
import { openTable, type RowRange } from "@oddflow/tables";

/** What a worker of `stages.ts` is given: the shared table and model, and its own part of the flows. */
export interface StageWork {
  readonly model: string;
  /** Row-major, coded; this worker's own. */
  readonly flows: Float32Array;
  /** Of the same flows; shared with the thread that asks. */
  readonly scores: Float32Array;
  readonly table: string;
  /** All ranges of the table; workers take the next one that nobody has. */
  readonly ranges: readonly RowRange[];
  /** Shared: how many ranges have been taken, how many rows read. */
  readonly counts: Int32Array;
}

/** Scans ranges or scores its flows on one thread, as it is told: "scan" or "score". */
const { model, flows, scores, table: path, ranges, counts } = workerData as StageWork;
const scorer = await createScorer(model, { provider: "cpu", threads: 1 });
const table = await openTable(path, { threads: 1 });
const port = parentPort;
port?.on("message", async (stage: "scan" | "score") => {
  if (stage === "score") await scorer.score(flows, { scores });
  else await scan();
  port.postMessage("done");
});
port?.postMessage("ready");

async function scan(): Promise<void> {
  for (;;) {
    const range = ranges[Atomics.add(counts, 0, 1)];
    if (range === undefined) return;
    for await (const { rows } of table.scan(scorer.columns, { range })) Atomics.add(counts, 1, rows);
  }
}
