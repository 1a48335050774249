/**
 * How a case is timed: by Benchmark.js (many runs, warmed up), one run at a time (runs of a second or more), every call
 * for itself (for how long one call takes, and how long the slowest), or every run for itself until so many seconds have gone.
 */
type Timing = "benchmark" | "single" | "calls" | { readonly seconds: number };

/** One thing to time. */
export interface BenchCase {
  readonly name: string;
  /** Flows that one run handles. */
  readonly flows: number;
  /** Default "benchmark". */
  readonly timing?: Timing;
  /** Runs once before anything is timed and throws when the result is wrong. */
  check(): Promise<void>;
  /** What is timed, up to the end of the promise if it gives one. */
  run(): unknown;
}

/** Cases that share what they work on; every suite runs in a process of its own. */
export interface BenchSuite {
  readonly cases: readonly BenchCase[];
  /** Libraries that ran, and their versions. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Cases that this machine cannot run, and why. */
  readonly skipped?: readonly { readonly name: string; readonly why: string }[];
  /** Frees what the cases hold. */
  close(): Promise<void>;
}

/** Stops the bench when a case does not do its work right: a fast wrong answer is no figure. */
export function expectTrue(condition: boolean, message: string): void {
  if (!condition) throw new Error(`bench: ${message}`);
}

/** Throws unless scores are those of a reference run, to float32's last digits. */
export function expectScores(name: string, scores: ArrayLike<number>, reference: ArrayLike<number>): void {
  expectTrue(scores.length >= reference.length, `${name}: ${scores.length} scores of ${reference.length}`);
  for (let row = 0; row < reference.length; row++) {
    const expected = reference[row] as number;
    const got = scores[row] as number;
    const isClose = Math.abs(got - expected) <= 1e-4 * Math.max(1, Math.abs(expected));
    expectTrue(isClose, `${name}: flow ${row} scores ${got}, and ${expected} in the reference run`);
  }
}
