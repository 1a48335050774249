import type { AttackTypeDetection, AttackTypeShare } from "./attack-types.ts";
import type { ClassificationReport, ClassMetrics, ConfusionMatrix } from "./classification.ts";
import type { EvaluationReport, FalseAlarmDetection } from "./evaluation-report.ts";
import type { ScoreSpread } from "./score-spread.ts";
import { alignedLines, formatCount, formatPercent, formatScore, printableName } from "./text-table.ts";

/** Attack-type names are cut to this, so that the widest table stays within 100 columns up to billions of flows. */
const NAME_WIDTH = 27;

/** A figure that the flows evaluated can't give. */
const ABSENT = "-";

/** A threshold above every score. */
const NO_THRESHOLD = "none";

/**
 * The report as text for a terminal: plain ASCII, lines of at most 100 columns, no newline at the end. A figure that is
 * null in the report is printed as "-", a threshold that flags nothing as "none".
 */
export function formatEvaluation(report: EvaluationReport): string {
  const sections: [heading: string, lines: string[]][] = [
    ["Label distribution", labelLines(report)],
    ["Attack-type distribution", attackTypeLines(report.attackTypes)],
    ["Ranking", rankingLines(report)],
    [thresholdHeading(report), thresholdLines(report)],
    ["Mean and deviation of the error", errorLines(report)],
    ["Classification at the threshold", classificationLines(report.classification)],
    ["Confusion matrix at the threshold", confusionLines(report.confusion)],
    ["Detection at a limit of false alarms", falseAlarmLines(report)],
    ["Detection per attack type", detectionLines(report.detectionByAttackType)],
  ];
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([heading, lines]) => [heading, ...lines].join("\n"))
    .join("\n\n");
}

function labelLines({ rows, labels }: EvaluationReport): string[] {
  return alignedLines([
    ["", "flows", "share"],
    ["normal", formatCount(labels.normal.flows), formatPercent(labels.normal.share)],
    ["attack", formatCount(labels.attack.flows), formatPercent(labels.attack.share)],
    ["all", formatCount(rows), formatPercent(1)],
  ]);
}

function attackTypeLines(types: readonly AttackTypeShare[] | null): string[] {
  if (types === null) return [];
  return alignedLines([
    ["", "flows", "share"],
    ...types.map(({ name, flows, share }) => [typeName(name), formatCount(flows), formatPercent(share)]),
  ]);
}

function rankingLines({ rocAuc, prAuc }: EvaluationReport): string[] {
  return alignedLines([
    ["ROC-AUC", formatRate(rocAuc)],
    ["PR-AUC", formatRate(prAuc)],
  ]);
}

function thresholdHeading({ threshold }: EvaluationReport): string {
  return threshold?.chosenOn === "other flows"
    ? "Threshold (given)"
    : "Threshold (best Youden J on these flows)";
}

function thresholdLines({ threshold }: EvaluationReport): string[] {
  return alignedLines([
    ["anomaly when the score is at least", threshold === null ? ABSENT : formatThreshold(threshold.value)],
    ["Youden J", formatRate(threshold?.youdenJ ?? null)],
  ]);
}

function errorLines({ scores }: EvaluationReport): string[] {
  const row = (name: string, distribution: ScoreSpread | null): string[] =>
    distribution === null
      ? [name, ABSENT, ABSENT]
      : [name, formatScore(distribution.mean), formatScore(distribution.deviation)];
  return alignedLines([
    ["", "mean", "deviation"],
    row("normal", scores.normal),
    row("attack", scores.attack),
    ["attack / normal", scores.ratio === null ? ABSENT : formatScore(scores.ratio), ""],
  ]);
}

function classificationLines(report: ClassificationReport | null): string[] {
  if (report === null) return [];
  const row = (name: string, { precision, recall, f1, support }: ClassMetrics): string[] => [
    name,
    formatRate(precision),
    formatRate(recall),
    formatRate(f1),
    formatCount(support),
  ];
  return alignedLines([
    ["", "precision", "recall", "f1-score", "support"],
    row("normal", report.normal),
    row("attack", report.attack),
    ["accuracy", "", "", formatRate(report.accuracy), formatCount(report.macroAverage.support)],
    row("macro average", report.macroAverage),
    row("weighted average", report.weightedAverage),
  ]);
}

function confusionLines(confusion: ConfusionMatrix | null): string[] {
  if (confusion === null) return [];
  return alignedLines([
    ["", "predicted normal", "predicted attack"],
    ["actual normal", formatCount(confusion.trueNegatives), formatCount(confusion.falsePositives)],
    ["actual attack", formatCount(confusion.falseNegatives), formatCount(confusion.truePositives)],
  ]);
}

function falseAlarmLines(report: EvaluationReport): string[] {
  const row = (name: string, detection: FalseAlarmDetection | null): string[] =>
    detection === null
      ? [name, ABSENT, ABSENT, ABSENT]
      : [
          name,
          formatPercent(detection.detection),
          formatPercent(detection.falseAlarms),
          formatThreshold(detection.threshold),
        ];
  return alignedLines([
    ["", "detection", "false alarms", "threshold"],
    row("at 1 % false alarms", report.detectionAt1PercentFalseAlarms),
    row("at 5 % false alarms", report.detectionAt5PercentFalseAlarms),
  ]);
}

function detectionLines(types: readonly AttackTypeDetection[] | null): string[] {
  if (types === null || types.length === 0) return [];
  return alignedLines([
    ["", "attacks", "at threshold", "at 1 % false alarms", "at 5 % false alarms"],
    ...types.map((type) => [
      typeName(type.name),
      formatCount(type.attacks),
      formatShare(type.atThreshold),
      formatShare(type.at1PercentFalseAlarms),
      formatShare(type.at5PercentFalseAlarms),
    ]),
  ]);
}

function typeName(name: string | null): string {
  return name === null ? "(not known)" : printableName(name, NAME_WIDTH);
}

function formatRate(rate: number | null): string {
  return rate === null ? ABSENT : rate.toFixed(4);
}

function formatShare(share: number | null): string {
  return share === null ? ABSENT : formatPercent(share);
}

function formatThreshold(threshold: number | null): string {
  return threshold === null ? NO_THRESHOLD : formatScore(threshold);
}
