import type { ShippedSize } from "./bundle.ts";
import type { Outcome } from "./compare.ts";

const HEAD = [
  "runtime",
  "version",
  "largest difference",
  "cold start, ms",
  "flows/s",
  "shipped, MB",
  "shipped gzipped, MB",
];

/** The outcomes as a Markdown table. */
export function drawTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) =>
    "reason" in outcome
      ? [outcome.runtime, `${outcome.status}: ${outcome.reason.replaceAll("|", "\\|")}`, "", "", "", "", ""]
      : [
          outcome.runtime,
          outcome.version,
          `${outcome.largestDifference === 0 ? "0" : outcome.largestDifference.toExponential(1)}${outcome.status === "differs" ? " (too far)" : ""}`,
          outcome.coldStartMs.toFixed(0),
          roundToTwo(outcome.flowsPerSecond).toLocaleString("en"),
          ...megabytes(outcome.shipped),
        ],
  );
  const widths = HEAD.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  return [line(HEAD), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

const [OPEN, CLOSE] = ["<!-- conformance -->", "<!-- /conformance -->"];

/** A README with the table between its two markers. */
export function putTable(readme: string, table: string): string {
  const [open, close] = [readme.indexOf(OPEN), readme.indexOf(CLOSE)];
  if (open < 0 || close < open) throw new Error(`the README has no ${OPEN} and ${CLOSE}`);
  return `${readme.slice(0, open + OPEN.length)}\n\n${table}\n\n${readme.slice(close)}`;
}

function roundToTwo(value: number): number {
  return Number(value.toPrecision(2));
}

function megabytes({ raw, gzip }: ShippedSize): string[] {
  return [raw, gzip].map((bytes) => (bytes / 1e6).toFixed(1));
}
