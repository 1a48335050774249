import Benchmark from "benchmark";
import type { BenchCase } from "./case.ts";

/** Seconds that each case is timed for, after Benchmark.js has warmed it up. */
const SECONDS_A_CASE = 2;

export interface Measurement {
  readonly name: string;
  readonly flows: number;
  readonly samples: number;
  /** Of the samples. */
  readonly flowsPerSecond: { readonly median: number; readonly slowest: number; readonly fastest: number };
}

/** Checks a case, then times it with Benchmark.js. */
export async function measure(benchCase: BenchCase): Promise<Measurement> {
  await benchCase.check();
  const stats = await new Promise<Benchmark.Stats>((resolve, reject) => {
    new Benchmark(benchCase.name, {
      defer: true,
      minSamples: 5,
      maxTime: SECONDS_A_CASE,
      fn: (deferred: { resolve(): void }) => {
        Promise.resolve(benchCase.run()).then(() => deferred.resolve(), reject);
      },
      onComplete: (event: Benchmark.Event) => {
        if (event.target.stats) resolve(event.target.stats);
      },
      onError: (event: Benchmark.Event) =>
        reject(new Error(`bench: ${benchCase.name} failed: ${String(event.type)}`)),
    }).run({ async: true });
  });
  const seconds = stats.sample.toSorted((a, b) => a - b);
  const speed = (value: number | undefined): number => benchCase.flows / (value ?? Number.NaN);
  return {
    name: benchCase.name,
    flows: benchCase.flows,
    samples: seconds.length,
    flowsPerSecond: {
      median: speed(seconds[seconds.length >> 1]),
      slowest: speed(seconds.at(-1)),
      fastest: speed(seconds[0]),
    },
  };
}
