import {
  type BeforeAndNow,
  type ColumnShift,
  type PopulationShift,
  PSI_MOVED,
  PSI_MOVED_FAR,
} from "@oddflow/detector";
import { rate } from "./progress.ts";
import { formatSilence } from "./silence/format-silence.ts";
import type { SilenceReport } from "./silence/silence-report.ts";

/** How far new flows have moved from those that a model was fitted on. */
export interface DriftReport {
  readonly model: string;
  /** New flows, and those that the model was fitted on. */
  readonly flows: number;
  readonly fittedOn: number;
  /** The most moved first. */
  readonly columns: readonly ColumnShift[];
  readonly score: PopulationShift;
  /** The model's threshold at a budget of 1 %, and the share of the new flows that reach it. */
  readonly threshold: number;
  readonly shareOverThreshold: number;
  readonly limit: number;
  /** What has moved past the limit, "score" and names of columns, and what `silencePast` says. */
  readonly past: readonly string[];
  /** Where hosts were looked for that stopped. */
  readonly silence?: SilenceReport;
}

/** A shift in words. */
export function shiftInWords({ moved }: PopulationShift): string {
  if (moved < PSI_MOVED) return "stable";
  return moved < PSI_MOVED_FAR ? "moved" : "moved far";
}

/** The report for a person. */
export function formatDrift(report: DriftReport): string {
  const { flows, fittedOn, columns, score, threshold, shareOverThreshold, limit, past, silence } = report;
  const rows = [
    ["column", "PSI", "by chance", "", "unseen", "missing"],
    ...columns.map((column) => [
      printable(column.name),
      ...shiftCells(column),
      column.unseen === undefined ? "-" : beforeAndNow(column.unseen),
      beforeAndNow(column.missing),
    ]),
    ["score", ...shiftCells(score), "-", "-"],
  ];
  return [
    `${rate(flows)} new flows, held against the ${rate(fittedOn)} that the model was fitted on`,
    "",
    ...alignedLines(rows),
    "",
    `PSI: below ${PSI_MOVED} stable, above ${PSI_MOVED_FAR} moved far, less what chance adds to so few flows. Unmoved flows reach`,
    '"by chance" once in ten thousand times. Unseen and missing: share of the flows before > now.',
    `alarms     ${percent(shareOverThreshold)} of the new flows score ${threshold.toPrecision(4)} or more, the threshold for 1 %`,
    ...(silence === undefined ? [] : ["", formatSilence(silence)]),
    past.length === 0
      ? `limit      nothing has moved past ${limit}`
      : `limit      past ${limit}: ${past.map(printable).join(", ")}`,
    "",
  ].join("\n");
}

function shiftCells(shift: PopulationShift): string[] {
  return [shift.psi.toFixed(3), shift.chance.toFixed(3), shiftInWords(shift)];
}

function beforeAndNow({ before, now }: BeforeAndNow): string {
  return before === 0 && now === 0 ? "0 %" : `${percent(before)} > ${percent(now)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** Names come from files: what a terminal must not see becomes "?". */
function printable(name: string): string {
  return name.replace(/[^\x20-\x7e]/gu, "?").slice(0, 40);
}

function alignedLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, k) => Math.max(...rows.map((row) => (row[k] ?? "").length)));
  return rows.map((row) => {
    const cells = row.map((cell, k) =>
      k === 0 || k === 3 ? cell.padEnd(widths[k] ?? 0) : cell.padStart(widths[k] ?? 0),
    );
    return `  ${cells.join("  ")}`.trimEnd();
  });
}
