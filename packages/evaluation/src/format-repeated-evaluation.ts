import type {
  DetectionFigures,
  EvaluatedColumns,
  EvaluationParts,
  MeanAndDeviation,
  RepeatedEvaluation,
} from "./repeated-evaluation.ts";
import { alignedLines, formatCount, formatPercent, printableName } from "./text-table.ts";

/** Kinds of attack are cut to this, so that the widest table stays within 100 columns. */
const NAME_WIDTH = 27;

/** Times further from 1970 than this many seconds are no dates. */
const LAST_DATE = 8.64e12;

const ABSENT = "-";

/**
 * The evaluation as text for a terminal: plain ASCII, no newline at the end. A figure that the flows can't give is
 * printed as "-". Columns that were dropped are named once, above the tables, in lines of any length.
 */
export function formatRepeatedEvaluation(evaluation: RepeatedEvaluation): string {
  const { columns, parts } = evaluation;
  const dropped = columns.flatMap((set) => (set.dropped.length === 0 ? [] : [set.dropped.join(", ")]));
  const sections = [
    [...partsLines(parts), ...seedLines(evaluation), ...dropped.map((names) => `Dropped: ${names}`)],
    figureLines(evaluation),
    attackKindLines(evaluation),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function partsLines(parts: EvaluationParts): string[] {
  if (parts.kind === "random") {
    return [`Parts: a random split of ${formatCount(parts.flows)} flows, drawn anew for every seed`];
  }
  if (parts.kind === "transfer") {
    return [
      `Parts: trained on a table of ${formatCount(parts.trainingFlows)} flows, tested on another of ${formatCount(parts.testedFlows)}`,
    ];
  }
  const { column, earlierFlows, laterFlows, lastEarlier, firstLater, by } = parts;
  return [
    `Parts: trained on flows up to ${formatTime(lastEarlier)} (${formatCount(earlierFlows)} flows with the attacks among them),`,
    `  tested on those from ${formatTime(firstLater)} on (${formatCount(laterFlows)}); cut at ` +
      `${by === "gap" ? "the widest gap" : "the 70 % quantile"} of column ${printableName(column, NAME_WIDTH)}`,
  ];
}

/** Every seed has parts of the same sizes. */
function seedLines({ columns }: RepeatedEvaluation): string[] {
  const seeds = columns[0]?.seeds ?? [];
  return seeds
    .slice(0, 1)
    .map(
      ({ trainedOn, contamination, testedOn }) =>
        `Seeds: ${seeds.length === 1 ? "1" : `1 to ${seeds.length}`}; each trains a detector on ${formatCount(trainedOn)} flows, ` +
        `${formatPercent(contamination)} of them attacks, and tests it on ${formatCount(testedOn)}`,
    );
}

function figureLines({ columns, budget }: RepeatedEvaluation): string[] {
  const share = formatBudget(budget);
  const rows: [string, keyof DetectionFigures, (value: number) => string][] = [
    ["ROC-AUC", "rocAuc", formatRate],
    ["average precision", "averagePrecision", formatRate],
    ["attacks found at 5 % false alarms", "foundAt5PercentFalseAlarms", formatPercent],
    ["attacks found at 1 % false alarms", "foundAt1PercentFalseAlarms", formatPercent],
    [`false alarms at a budget of ${share}`, "falseAlarmsAtBudget", formatPercent],
    [`attacks found at a budget of ${share}`, "foundAtBudget", formatPercent],
  ];
  const several = (columns[0]?.seeds.length ?? 0) > 1;
  return [
    `Detection on the test part${several ? ", mean and standard deviation over seeds" : ""}`,
    ...alignedLines([
      ["", ...columns.flatMap((set) => [columnsName(set), ...(several ? ["+/-"] : [])])],
      ...rows.map(([name, figure, format]) => [
        name,
        ...columns.flatMap(({ summary }) => figureCells(summary[figure], format, several)),
      ]),
    ]),
    "The threshold of the budget comes from held-back flows, without a label.",
  ];
}

function figureCells(
  figure: MeanAndDeviation | null,
  format: (value: number) => string,
  several: boolean,
): string[] {
  const mean = figure === null ? ABSENT : format(figure.mean);
  if (!several) return [mean];
  const deviation = figure?.deviation ?? null;
  return [mean, deviation === null ? ABSENT : format(deviation)];
}

function attackKindLines({ columns, budget }: RepeatedEvaluation): string[] {
  const kinds = columns[0]?.attackKinds ?? null;
  if (kinds === null) return [];
  const several = (columns[0]?.seeds.length ?? 0) > 1;
  return [
    `Attacks found at a budget of ${formatBudget(budget)}, by kind${several ? ", means over seeds" : ""}`,
    ...alignedLines([
      ["", "attacks", ...columns.map(columnsName)],
      ...kinds.map(({ name, attacks }) => [
        name === null ? "(not known)" : printableName(name, NAME_WIDTH),
        formatCount(Math.round(attacks)),
        ...columns.map((set) => {
          const kind = set.attackKinds?.find((other) => other.name === name);
          return kind === undefined ? ABSENT : formatPercent(kind.found);
        }),
      ]),
    ]),
  ];
}

function columnsName({ features, dropped }: EvaluatedColumns): string {
  return dropped.length === 0 ? `all ${features} features` : `without ${dropped.length}`;
}

function formatRate(rate: number): string {
  return rate.toFixed(4);
}

/** In percent, as short as it is exact. */
function formatBudget(share: number): string {
  return `${Number((100 * share).toPrecision(6))} %`;
}

function formatTime(seconds: number): string {
  if (Math.abs(seconds) > LAST_DATE) return String(seconds);
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
}
