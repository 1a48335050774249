import Benchmark from "benchmark";
import type { BenchCase } from "./case.ts";

/** Seconds that Benchmark.js times a case for, after it has warmed it up. */
const SECONDS_A_CASE = 0.8;

/** Calls that are timed one by one. */
const CALLS = 3000;

/** @returns the seconds of each run (with Benchmark.js: of a run on average, sample by sample) */
export async function measure(benchCase: BenchCase): Promise<readonly number[]> {
  const { timing } = benchCase;
  if (timing === "single") return [await timeRun(benchCase)];
  if (timing === "calls") return timeRuns(benchCase, (runs) => runs < CALLS);
  if (typeof timing === "object") return timeRuns(benchCase, (_, seconds) => seconds < timing.seconds);
  return runBenchmark(benchCase);
}

/** The seconds of each run; one run at least. */
async function timeRuns(
  benchCase: BenchCase,
  goesOn: (runs: number, seconds: number) => boolean,
): Promise<readonly number[]> {
  const seconds: number[] = [];
  let all = 0;
  do {
    const run = await timeRun(benchCase);
    seconds.push(run);
    all += run;
  } while (goesOn(seconds.length, all));
  return seconds;
}

async function timeRun(benchCase: BenchCase): Promise<number> {
  const began = performance.now();
  await benchCase.run();
  return (performance.now() - began) / 1000;
}

function runBenchmark(benchCase: BenchCase): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    new Benchmark(benchCase.name, {
      defer: true,
      minSamples: 3,
      maxTime: SECONDS_A_CASE,
      fn: (deferred: { resolve(): void }) => {
        Promise.resolve(benchCase.run()).then(() => deferred.resolve(), reject);
      },
      onComplete: (event: Benchmark.Event) => {
        if (event.target.stats) resolve(event.target.stats.sample);
      },
      onError: (event: Benchmark.Event) =>
        reject(new Error(`bench: ${benchCase.name} failed: ${String(event.type)}`)),
    }).run({ async: true });
  });
}
