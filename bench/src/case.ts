/** One thing to time. */
export interface BenchCase {
  readonly name: string;
  /** Flows that one run handles. */
  readonly flows: number;
  /** Runs once before anything is timed and throws when the result is wrong. */
  check(): Promise<void>;
  /** What is timed, up to the end of the promise if it gives one. */
  run(): unknown;
}

/** Cases that are compared with each other; every suite runs in a process of its own. */
export interface BenchSuite {
  readonly title: string;
  readonly cases: readonly BenchCase[];
  /** Frees what the cases hold. */
  close(): Promise<void>;
}

/** Stops the bench when a case does not do its work right: a fast wrong answer is no figure. */
export function expectTrue(condition: boolean, message: string): void {
  if (!condition) throw new Error(`bench: ${message}`);
}
