import { type Spread, spreadOf } from "./processes/in-turns.ts";
import type { CommandRun } from "./processes/run-command.ts";

/** What was measured of one case. */
export interface Measurement {
  /** The section of the bench, as `--only` names it. */
  readonly section: string;
  readonly name: string;
  readonly unit: "flows/s" | "ms";
  readonly value: Spread;
  /** Runs, or rounds of runs, that the figures are of. */
  readonly samples: number;
  /** Flows that a run handles. */
  readonly flows: number;
  /** Of whole commands: the median run's. */
  readonly cpuSeconds?: number;
  /** Of whole commands: the largest of all runs. */
  readonly peakMemoryBytes?: number;
}

interface Subject {
  readonly section: string;
  readonly name: string;
  readonly flows: number;
}

export function flowsPerSecond(subject: Subject, seconds: readonly number[]): Measurement {
  const value = spreadOf(seconds.map((each) => subject.flows / each));
  return { ...subject, unit: "flows/s", value, samples: seconds.length };
}

export function milliseconds(subject: Subject, seconds: readonly number[]): Measurement {
  return {
    ...subject,
    unit: "ms",
    value: spreadOf(seconds.map((each) => each * 1000)),
    samples: seconds.length,
  };
}

export function wholeCommand(subject: Subject, runs: readonly CommandRun[]): Measurement {
  return {
    ...flowsPerSecond(
      subject,
      runs.map(({ seconds }) => seconds),
    ),
    cpuSeconds: spreadOf(runs.map(({ cpuSeconds }) => cpuSeconds)).median,
    peakMemoryBytes: Math.max(...runs.map(({ peakMemoryBytes }) => peakMemoryBytes)),
  };
}
