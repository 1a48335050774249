/**
 * A program that scores with @oddflow/inference: `library-consumer.js MODEL SECONDS [worker]`, in its main thread or in a
 * worker thread alone, and lives on for so many seconds.
 */
import { isMainThread, Worker, workerData } from "node:worker_threads";

const [model = "", seconds = "0", where] = process.argv.slice(2);
if (where === "worker" && isMainThread) {
  new Worker(new URL(import.meta.url), { argv: [model, seconds, where], workerData: null });
} else {
  const { createScorer } = await import("@oddflow/inference/node");
  const scorer = await createScorer(model);
  const { scores } = await scorer.score([{ protocol: "tcp", dur: 0.5 }, workerData ?? {}]);
  if (scores.some(Number.isNaN)) throw new Error(`the scores are ${scores}`);
  await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
  await scorer.close();
}
