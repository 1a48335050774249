import { leftOutText } from "@oddflow/flow-sources";
import { rate } from "./progress.ts";
import { complain, oneLine, print } from "./terminal.ts";

/** What a source of flows was taken for, and what of it was left out. */
export interface Reading {
  /** In words; undefined where there is nothing to say. */
  readonly takenFor: string | undefined;
  readonly leftOut: ReadonlyMap<string, number>;
}

/** Files of one kind are said together; so many kinds are. */
const MOST_LINES = 6;

/**
 * Says what flows were taken for and what was left out, a line each: nothing is guessed or lost without a word.
 * Where there are several files, those that were taken for the same are one.
 */
export function formatReadings(readings: readonly Reading[]): string {
  const taken = new Map<string, number>();
  const leftOut = new Map<string, number>();
  const count = (counts: Map<string, number>, key: string, by: number): unknown =>
    counts.set(key, (counts.get(key) ?? 0) + by);
  for (const reading of readings) {
    if (reading.takenFor !== undefined) count(taken, reading.takenFor, 1);
    for (const [what, times] of reading.leftOut) count(leftOut, what, times);
  }
  const files = (times: number): string => (readings.length > 1 ? ` (${rate(times)} files)` : "");
  const lines = [
    ...[...taken].slice(0, MOST_LINES).map(([what, times]) => `read as    ${oneLine(what)}${files(times)}`),
    ...(leftOut.size > 0 ? [`left out   ${oneLine(leftOutText(leftOut, rate))}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** Says it to whoever reads the report; beside a report that programs read, what was left out goes to standard error. */
export function tellReadings(readings: readonly Reading[], isJson: boolean): void {
  if (isJson) complain(formatReadings(readings.filter(({ leftOut }) => leftOut.size > 0)));
  else print(formatReadings(readings));
}
