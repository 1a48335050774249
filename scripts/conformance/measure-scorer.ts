import type { Scorer } from "@oddflow/inference";
import type { FlowRecord } from "@oddflow/preprocessing";

/** What a runtime says of its scorer. */
export interface Measured {
  readonly scores: readonly number[];
  /** When the first flow's score was there, in milliseconds since 1970. */
  readonly firstScoreAt: number;
  /** Records scored a second. */
  readonly flowsPerSecond: number;
}

/** Engines compile WebAssembly quickly first and well later, while it runs. */
const WARM_UP_MS = 3000;
const MEASURED_MS = 1500;

/** Scores the flows and then goes on for a while, to see how fast it is. Runs in every runtime with a clock. */
export async function measureScorer(scorer: Scorer, flows: readonly FlowRecord[]): Promise<Measured> {
  await scorer.score(flows.slice(0, 1));
  const firstScoreAt = Date.now();
  const { scores } = await scorer.score(flows);
  await scoreFor(WARM_UP_MS, scorer, flows);
  const flowsPerSecond = await scoreFor(MEASURED_MS, scorer, flows);
  await scorer.close();
  return { scores: Array.from(scores), firstScoreAt, flowsPerSecond };
}

/** Flows a second. */
async function scoreFor(milliseconds: number, scorer: Scorer, flows: readonly FlowRecord[]): Promise<number> {
  const begun = performance.now();
  let scored = 0;
  while (performance.now() - begun < milliseconds) scored += (await scorer.score(flows)).flows;
  return (scored / (performance.now() - begun)) * 1000;
}
