import type { Measurement } from "../measurement.ts";
import { type Spread, spreadOf } from "../processes/in-turns.ts";

/** What a case took with this build and with another. */
export interface Comparison {
  readonly name: string;
  readonly unit: Measurement["unit"];
  readonly now: Spread;
  readonly before: Spread;
  /** Times as fast as the other build: over the rounds, or of the medians of two files. */
  readonly speed: Spread;
  /** CPU seconds of this build by those of the other, where they were taken; the median of the rounds. */
  readonly cpu?: number;
  /** "as fast" where the difference does not stand out of the spread, or nobody would notice it. */
  readonly verdict: "faster" | "slower" | "as fast";
}

/** Below it a difference is none that anyone would notice, however steady. */
const NOTICEABLE = 0.03;

/** Fewer rounds agree by chance. */
const FEWEST_ROUNDS = 3;

/** A round of each build, taken in turns: how long the case took. */
export interface ComparedRounds {
  readonly name: string;
  readonly flows: number;
  readonly unit: Measurement["unit"];
  readonly now: readonly number[];
  readonly before: readonly number[];
  readonly cpu?: number;
}

/** Of rounds that took turns: slower, or faster, is what every round says, of three at least. */
export function compareRounds({ name, flows, unit, now, before, cpu }: ComparedRounds): Comparison {
  const figure = (seconds: number): number => (unit === "ms" ? seconds * 1000 : flows / seconds);
  const speed = spreadOf(now.map((seconds, round) => (before[round] ?? Number.NaN) / seconds));
  return {
    name,
    unit,
    now: spreadOf(now.map(figure)),
    before: spreadOf(before.map(figure)),
    speed,
    ...(cpu === undefined ? {} : { cpu }),
    verdict: now.length < FEWEST_ROUNDS ? "as fast" : verdictOf(speed),
  };
}

/** Another build, and what was compared with it. */
export interface ComparedBuild {
  readonly name: string;
  /** Absent for a folder. */
  readonly commit?: string;
  readonly comparisons: readonly Comparison[];
}

/** What a results file has measured. */
interface Measured {
  readonly measurements: readonly Measurement[];
}

/** Of two results files, case by case: slower, or faster, is what lies apart with all its rounds. */
export function compareResults(before: Measured, now: Measured): Comparison[] {
  const former = new Map(before.measurements.map((measurement) => [caseName(measurement), measurement]));
  return now.measurements.flatMap((measurement) => {
    const other = former.get(caseName(measurement));
    if (other === undefined || other.unit !== measurement.unit) return [];
    const [value, beforeValue] = [measurement.value, other.value];
    const times = (mine: number, theirs: number): number =>
      measurement.unit === "ms" ? theirs / mine : mine / theirs;
    const ends = [times(value.lowest, beforeValue.highest), times(value.highest, beforeValue.lowest)];
    const [lowest, highest] = measurement.unit === "ms" ? ends.reverse() : ends;
    const speed = {
      median: times(value.median, beforeValue.median),
      lowest: lowest ?? Number.NaN,
      highest: highest ?? Number.NaN,
    };
    return [
      {
        name: caseName(measurement),
        unit: measurement.unit,
        now: value,
        before: beforeValue,
        speed,
        verdict: verdictOf(speed),
      },
    ];
  });
}

/** Names of cases that one of two files lacks. */
export function onlyInOne(one: Measured, other: Measured): string[] {
  const known = new Set(other.measurements.map(caseName));
  return one.measurements.map(caseName).filter((name) => !known.has(name));
}

function caseName({ section, name }: Measurement): string {
  return `${section}: ${name}`;
}

function verdictOf({ median, lowest, highest }: Spread): Comparison["verdict"] {
  if (lowest > 1 && median > 1 + NOTICEABLE) return "faster";
  return highest < 1 && median < 1 - NOTICEABLE ? "slower" : "as fast";
}
