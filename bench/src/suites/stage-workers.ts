import { Worker } from "node:worker_threads";
import type { FlowTable } from "@oddflow/tables";
import { ALL_THREADS } from "../inputs.ts";
import type { StageWork } from "./stage-worker.ts";

export interface StageWorkers {
  /** Scans the table; resolves to the number of rows read. */
  scan(): Promise<number>;
  /** Scores the flows; resolves to their scores, in their order. */
  score(): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * As many workers as threads, each with a database connection and a session of one thread.
 * @param flows the table's, row-major, coded
 */
export async function startStageWorkers(
  model: string,
  table: FlowTable,
  flows: Float32Array,
  width: number,
): Promise<StageWorkers> {
  const rows = flows.length / width;
  const scores = new Float32Array(new SharedArrayBuffer(4 * rows));
  const counts = new Int32Array(new SharedArrayBuffer(8));
  const ranges = await table.ranges(ALL_THREADS);
  const workers: Worker[] = [];
  for (let part = 0; part < ALL_THREADS; part++) {
    const first = Math.floor((part * rows) / ALL_THREADS);
    const end = Math.floor(((part + 1) * rows) / ALL_THREADS);
    const workerData: StageWork = {
      model,
      flows: flows.slice(first * width, end * width),
      scores: scores.subarray(first, end),
      table: table.paths[0] ?? "",
      ranges,
      counts,
    };
    const worker = new Worker(new URL("stage-worker.js", import.meta.url), { workerData });
    workers.push(worker);
    await answer(worker);
  }
  const all = async (stage: "scan" | "score"): Promise<void> => {
    const answers = workers.map(answer);
    for (const worker of workers) worker.postMessage(stage);
    await Promise.all(answers);
  };
  return {
    async scan() {
      counts.fill(0);
      await all("scan");
      return counts[1] ?? 0;
    },
    async score() {
      await all("score");
      return scores;
    },
    async close() {
      for (const worker of workers) await worker.terminate();
    },
  };
}

function answer(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("error", reject);
  });
}
