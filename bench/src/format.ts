import type { Measurement } from "./measurement.ts";
import type { Spread } from "./processes/in-turns.ts";
import type { Target, TargetResult } from "./targets.ts";

const NAME_WIDTH = 62;

const row = (name: string, width: number, ...cells: readonly (readonly [string, number])[]): string =>
  [name.padEnd(width), ...cells.map(([text, cellWidth]) => text.padStart(cellWidth))].join(" ").trimEnd();

export const MEASUREMENT_HEADER: string = row(
  "case",
  NAME_WIDTH,
  ["median", 17],
  ["lowest", 11],
  ["highest", 11],
  ["CPU s", 7],
  ["peak MB", 8],
  ["samples", 8],
);

export function formatMeasurement(measurement: Measurement): string {
  const { name, unit, value, cpuSeconds, peakMemoryBytes, samples } = measurement;
  return row(
    name,
    NAME_WIDTH,
    [`${figureText(value.median)} ${unit}`, 17],
    [figureText(value.lowest), 11],
    [figureText(value.highest), 11],
    [cpuSeconds === undefined ? "" : cpuSeconds.toFixed(2), 7],
    [peakMemoryBytes === undefined ? "" : figureText(peakMemoryBytes / 1e6), 8],
    [String(samples), 8],
  );
}

/** The table of the targets, a row each; empty when none was measured. */
export function formatTargets(results: readonly TargetResult[]): string {
  if (results.length === 0) return "";
  const width = Math.max(...results.map(({ what }) => what.length));
  const lines = results.map((result) =>
    row(
      result.what,
      width,
      [withUnit(result.measured.median, result), 12],
      [spreadText(result.measured), 16],
      [limitText(result), 18],
      [verdict(result), 8],
    ),
  );
  const header = row("target", width, ["measured", 12], ["rounds", 16], ["target", 18], ["", 8]);
  return `\n${[header, ...lines].join("\n")}\n`;
}

/** "met" or "missed"; in brackets where the target is set for another figure. */
export function verdict({ isMet, isHeld }: TargetResult): string {
  const text = isMet ? "met" : "missed";
  return isHeld ? text : `(${text})`;
}

export function limitText(target: Target): string {
  return `${target.relation} ${withUnit(target.limit, target)}`;
}

export function spreadText({ lowest, highest }: Spread): string {
  return `${figureText(lowest)} to ${figureText(highest)}`;
}

export function withUnit(value: number, { unit }: Target): string {
  return `${figureText(value)}${unit === "" ? "" : ` ${unit}`}`;
}

/** Three digits, or all before the point. */
export function figureText(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}
