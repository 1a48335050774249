import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FlowTable } from "@oddflow/tables";
import { ALL_THREADS } from "../inputs.ts";
import type { StageAnswer, StageOrder } from "./stage-messages.ts";

export interface StageWorkers {
  /** Scans the table; resolves to the number of rows read. */
  scan(): Promise<number>;
  /** The same by one of them, while the others wait. */
  scanByOne(): Promise<number>;
  /** Scores the table's flows. */
  score(): Promise<void>;
  /** Has one of them score its share of the flows, while the others wait. */
  scoreShare(): Promise<void>;
  /** The scores that `score` gave, in the table's order. */
  scores(): Promise<Float32Array>;
  close(): void;
}

/**
 * As many workers as cores, each a process with a database connection and a session of one thread, as score-batch's are.
 * Everything is open, and the flows are in their memory, when this resolves.
 */
export async function startStageWorkers(model: string, table: FlowTable): Promise<StageWorkers> {
  const path = table.paths[0] ?? "";
  const ranges = await table.ranges(ALL_THREADS);
  const env = { ...process.env, UV_THREADPOOL_SIZE: "1" };
  const program = fileURLToPath(new URL("stage-worker.js", import.meta.url));
  const workers = Array.from({ length: ALL_THREADS }, () =>
    fork(program, { env, serialization: "advanced" }),
  );
  const cut = (share: number): number => Math.floor((share * table.rows) / ALL_THREADS);
  // One after the other: each holds all flows for a moment.
  for (const [place, worker] of workers.entries()) {
    await ask(worker, { kind: "open", model, table: path, first: cut(place), end: cut(place + 1) });
  }
  const scanBy = async (scanning: readonly ChildProcess[]): Promise<number> => {
    let next = 0;
    let rows = 0;
    const work = async (worker: ChildProcess): Promise<void> => {
      for (let range = ranges[next++]; range !== undefined; range = ranges[next++]) {
        const answer = await ask(worker, { kind: "scan", range });
        rows += answer.rows ?? 0;
      }
    };
    await Promise.all(scanning.map(work));
    return rows;
  };
  const scoreBy = async (scoring: readonly ChildProcess[]): Promise<void> => {
    await Promise.all(scoring.map((worker) => ask(worker, { kind: "score" })));
  };
  return {
    scan: () => scanBy(workers),
    scanByOne: () => scanBy(workers.slice(0, 1)),
    score: () => scoreBy(workers),
    scoreShare: () => scoreBy(workers.slice(0, 1)),
    async scores() {
      const all = new Float32Array(table.rows);
      for (const [place, worker] of workers.entries()) {
        all.set((await ask(worker, { kind: "scores" })).scores ?? [], cut(place));
      }
      return all;
    },
    close() {
      for (const worker of workers) worker.disconnect();
    },
  };
}

function ask(worker: ChildProcess, order: StageOrder): Promise<StageAnswer> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error("bench: a stage worker has ended"));
    worker.once("exit", ended);
    worker.once("message", (answer: StageAnswer) => {
      worker.off("exit", ended);
      resolve(answer);
    });
    worker.send(order);
  });
}
