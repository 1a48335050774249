import { figureText, spreadText } from "../format.ts";
import type { Comparison } from "./comparison.ts";

/** A row a case, and what got slower. */
export function formatComparisons(comparisons: readonly Comparison[], other: string): string {
  const width = Math.max(4, ...comparisons.map(({ name }) => name.length));
  const row = (...cells: readonly string[]): string =>
    [(cells[0] ?? "").padEnd(width), ...cells.slice(1).map((cell) => cell.padStart(18))].join(" ").trimEnd();
  const lines = comparisons.map(({ name, unit, now, before, speed, cpu, verdict }) =>
    row(
      name,
      `${figureText(now.median)} ${unit}`,
      `${figureText(before.median)} ${unit}`,
      `${figureText(speed.median)} times`,
      spreadText(speed),
      cpu === undefined ? "" : figureText(cpu),
      verdict,
    ),
  );
  const header = row("case", "this build", other.slice(0, 18), "as fast", "rounds", "CPU seconds", "");
  const slower = comparisons.filter(({ verdict }) => verdict === "slower").map(({ name }) => name);
  const said =
    slower.length === 0
      ? `nothing is slower than with ${other} by more than the spread`
      : `slower than with ${other}: ${slower.join("; ")}`;
  return `\n${[header, ...lines, said].join("\n")}\n`;
}
