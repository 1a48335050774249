/// <reference lib="dom" />
import type { Scorer } from "@oddflow/inference";
import { measureScorer } from "./measure-scorer.ts";

/** In the page that a browser opens: scores the flows beside it and sends what it measured, or what went wrong. */
export async function answerWith(open: () => Promise<Scorer>): Promise<void> {
  const answer = await measure(open).catch((error: unknown) => ({ error: String(error) }));
  await fetch("measured", { method: "POST", body: JSON.stringify(answer) });
}

async function measure(open: () => Promise<Scorer>): Promise<object> {
  const flows = await (await fetch("flows.json")).json();
  return { ...(await measureScorer(await open(), flows)), beganAt: performance.timeOrigin };
}
