/** Flows a second at a batch size. */
export interface Timing {
  readonly batch: number;
  readonly flowsPerSecond: number;
}

/** Timings, and a line for every size that shrank, was left out or failed. */
export interface Timings {
  readonly timings: readonly Timing[];
  readonly notes: readonly string[];
}

/** Seconds that one run may take, and that the runs of a size take together. */
const SECONDS_A_RUN = 3;
const SECONDS_A_SIZE = 1;

/**
 * Times batches of growing sizes, each warmed up by a run. A size whose run would take too long by the best speed so far
 * is replaced by the largest power of two that would not, so a slow device has smaller sizes.
 * `stepsARun` are the batches of a run that `prepare` makes; `firstRate` is a guess, in flows a second.
 */
export async function timeSizes(
  sizes: readonly number[],
  stepsARun: number,
  prepare: (batch: number) => Promise<() => Promise<unknown>>,
  firstRate: number,
): Promise<Timings> {
  const timings: Timing[] = [];
  const notes: string[] = [];
  let rate = firstRate;
  for (const size of sizes) {
    const most = (rate * SECONDS_A_RUN) / stepsARun;
    const batch = size <= most ? size : 2 ** Math.floor(Math.log2(most));
    if (batch !== size) {
      const why = `a run of batch ${count(size)} would take about ${count((size * stepsARun) / rate)} s here`;
      if (batch < 2 || batch <= (timings.at(-1)?.batch ?? 0)) {
        notes.push(`${why}: left out`);
        continue;
      }
      notes.push(`${why}: shrunk to ${count(batch)}`);
    }
    try {
      const flowsPerSecond = (batch * stepsARun) / (await secondsOf(await prepare(batch)));
      timings.push({ batch, flowsPerSecond });
      rate = Math.max(rate, flowsPerSecond);
    } catch (error) {
      notes.push(`a batch of ${count(batch)} failed: ${firstLine(error)}`);
      break;
    }
  }
  return { timings, notes };
}

/** @returns the seconds of the run in the middle */
async function secondsOf(run: () => Promise<unknown>): Promise<number> {
  await run();
  const seconds: number[] = [];
  const began = performance.now();
  do {
    const from = performance.now();
    await run();
    seconds.push((performance.now() - from) / 1000);
  } while (performance.now() - began < SECONDS_A_SIZE * 1000);
  seconds.sort((a, b) => a - b);
  return seconds[Math.floor(seconds.length / 2)] ?? Number.NaN;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
