import { basename } from "node:path";
import type { OldAndNew, ScoreComparison } from "@oddflow/evaluation";
import type { FlowTable, OutputPlace } from "@oddflow/tables";
import type { ChangedFlow, ComparedModels } from "./changed-flows.ts";
import { rate } from "./progress.ts";
import { shownPath } from "./shown-paths.ts";

/** What a page on two models tells of. */
export interface ComparisonSubject {
  /** Files, as their user named them. */
  readonly old: string;
  readonly new: string;
  /** The alert budget, as its user wrote it, and the share of usual flows, 0 to 1, that it comes to. */
  readonly budget: string;
  readonly share: number;
  readonly table: FlowTable;
  readonly models: ComparedModels;
  readonly comparison: ScoreComparison;
  readonly changed: OldAndNew<readonly ChangedFlow[]>;
}

/** Writes a page on two models, whole or not at all. */
export async function writeComparison(place: OutputPlace, subject: ComparisonSubject): Promise<void> {
  const { table, models, comparison, changed, share, budget } = subject;
  // The plotting library takes a moment to load, which nobody without a page should wait for.
  const { renderComparison } = await import("@oddflow/report");
  const { scorers, scores, thresholds } = models;
  const [first = "", ...more] = table.paths;
  const onTable = `${basename(first)}${more.length > 0 ? ` and ${more.length} more` : ""}`;
  const page = renderComparison({
    title: `${basename(subject.old)} and ${basename(subject.new)} on ${onTable}`,
    facts: [
      ["Old", `${subject.old}, threshold ${thresholds.old.toPrecision(5)}`],
      ["New", `${subject.new}, threshold ${thresholds.new.toPrecision(5)}`],
      ["Table", table.paths.map(shownPath).join(", ")],
      ["Flows", rate(table.rows)],
      ["Budget", budget],
    ],
    comparison,
    rarities: {
      old: scores.old.map((score) => scorers.old.thresholds.rarityOf(score)),
      new: scores.new.map((score) => scorers.new.thresholds.rarityOf(score)),
    },
    share,
    changed: { old: changed.old.map(comparedFlow), new: changed.new.map(comparedFlow) },
  });
  await place.fill(new TextEncoder().encode(page));
  await place.take();
}

function comparedFlow({ row, ...flow }: ChangedFlow): ChangedFlow {
  return { ...flow, row: row + 1 };
}
