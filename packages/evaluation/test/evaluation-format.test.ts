import { evaluateScores, formatEvaluation } from "@oddflow/evaluation";
import { expect, test } from "vitest";

/** 40,000 normal flows with scores below 1 and 10,000 attacks, of which a quarter score below 1, too. */
function manyFlows() {
  const rows = 50_000;
  const scores = new Float32Array(rows);
  const isAttack = new Uint8Array(rows);
  const codes = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const attack = row % 5 === 0;
    isAttack[row] = attack ? 1 : 0;
    codes[row] = attack ? 1 + (row % 2) : 0;
    scores[row] = (row % 997) / 1000 + (attack && row % 20 !== 0 ? 1 : 0);
  }
  return { scores, isAttack, attackTypes: { names: ["normal", "Web Attack \u2013 XSS", "dos"], codes } };
}

/** The sections of the text: what follows each heading, as rows of cells with the first cell the row's name. */
function sectionsOf(text: string): Map<string, string[][]> {
  return new Map(
    text.split("\n\n").map((section) => {
      const [heading = "", ...lines] = section.split("\n");
      return [heading, lines.map((line) => line.trim().split(/ {2,}/))];
    }),
  );
}

const count = (value: number | undefined) => (value ?? Number.NaN).toLocaleString("en-US");
const percent = (share: number | null | undefined) => `${(100 * (share ?? Number.NaN)).toFixed(2)} %`;
const rate = (value: number | null | undefined) => (value ?? Number.NaN).toFixed(4);
const score = (value: number | null | undefined) => (value ?? Number.NaN).toPrecision(6);

test("every section prints the report's numbers", () => {
  const report = evaluateScores(manyFlows());
  const sections = sectionsOf(formatEvaluation(report));
  expect(sections.get("Label distribution")).toEqual([
    ["flows", "share"],
    ["normal", "40,000", "80.00 %"],
    ["attack", "10,000", "20.00 %"],
    ["all", "50,000", "100.00 %"],
  ]);
  expect(sections.get("Attack-type distribution")).toEqual([
    ["flows", "share"],
    ["normal", "40,000", "80.00 %"],
    ["Web Attack ? XSS", "5,000", "10.00 %"],
    ["dos", "5,000", "10.00 %"],
  ]);
  expect(sections.get("Ranking")).toEqual([
    ["ROC-AUC", rate(report.rocAuc)],
    ["PR-AUC", rate(report.prAuc)],
  ]);
  expect(sections.get("Threshold (best Youden J on these flows)")).toEqual([
    ["anomaly when the score is at least", "1.00000"],
    ["Youden J", "0.7500"],
  ]);
  const { normal, attack, ratio } = report.scores;
  expect(sections.get("Mean and deviation of the error")).toEqual([
    ["mean", "deviation"],
    ["normal", score(normal?.mean), score(normal?.deviation)],
    ["attack", score(attack?.mean), score(attack?.deviation)],
    ["attack / normal", score(ratio)],
  ]);
  const classification = report.classification;
  expect(sections.get("Classification at the threshold")).toEqual([
    ["precision", "recall", "f1-score", "support"],
    ["normal", rate(classification?.normal.precision), "1.0000", rate(classification?.normal.f1), "40,000"],
    ["attack", "1.0000", "0.7500", rate(classification?.attack.f1), "10,000"],
    ["accuracy", "0.9500", "50,000"],
    ["macro average", ...macroCells(classification?.macroAverage)],
    ["weighted average", ...macroCells(classification?.weightedAverage)],
  ]);
  expect(sections.get("Confusion matrix at the threshold")).toEqual([
    ["predicted normal", "predicted attack"],
    ["actual normal", "40,000", "0"],
    ["actual attack", "2,500", "7,500"],
  ]);
  const [at1, at5] = [report.detectionAt1PercentFalseAlarms, report.detectionAt5PercentFalseAlarms];
  expect(sections.get("Detection at a limit of false alarms")).toEqual([
    ["detection", "false alarms", "threshold"],
    ["at 1 % false alarms", percent(at1?.detection), percent(at1?.falseAlarms), score(at1?.threshold)],
    ["at 5 % false alarms", percent(at5?.detection), percent(at5?.falseAlarms), score(at5?.threshold)],
  ]);
  expect(report.detectionByAttackType?.length).toBe(2);
  expect(sections.get("Detection per attack type")).toEqual([
    ["attacks", "at threshold", "at 1 % false alarms", "at 5 % false alarms"],
    ...(report.detectionByAttackType ?? []).map((type) => [
      type.name === "dos" ? "dos" : "Web Attack ? XSS",
      count(type.attacks),
      percent(type.atThreshold),
      percent(type.at1PercentFalseAlarms),
      percent(type.at5PercentFalseAlarms),
    ]),
  ]);
  expect(sections.size).toBe(9);
});

function macroCells(metrics: { precision: number; recall: number; f1: number } | undefined): string[] {
  return [rate(metrics?.precision), rate(metrics?.recall), rate(metrics?.f1), "50,000"];
}

test("the numbers of a table end in the same column under their heading", () => {
  const text = formatEvaluation(evaluateScores(manyFlows()));
  for (const section of text.split("\n\n")) {
    const [heading, ...lines] = section.split("\n");
    if (heading === "Mean and deviation of the error") continue;
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  }
});

test("says when the threshold was given, and prints a threshold that flags nothing as none", () => {
  const flows = manyFlows();
  const given = sectionsOf(formatEvaluation(evaluateScores({ ...flows, threshold: 1.5 })));
  expect(given.get("Threshold (given)")?.[0]).toEqual(["anomaly when the score is at least", "1.50000"]);
  const nothing = sectionsOf(
    formatEvaluation(evaluateScores({ ...flows, threshold: Number.POSITIVE_INFINITY })),
  );
  expect(nothing.get("Threshold (given)")?.[0]).toEqual(["anomaly when the score is at least", "none"]);
});

test("with one class alone prints a dash for what can't be known, and never null, NaN or undefined", () => {
  const text = formatEvaluation(
    evaluateScores({ scores: Float32Array.of(1, 2, 3), isAttack: new Uint8Array(3) }),
  );
  const sections = sectionsOf(text);
  expect(sections.get("Ranking")).toEqual([
    ["ROC-AUC", "-"],
    ["PR-AUC", "-"],
  ]);
  expect(sections.get("Mean and deviation of the error")?.[1]).toEqual([
    "normal",
    "2.00000",
    score(Math.sqrt(2 / 3)),
  ]);
  expect(sections.get("Mean and deviation of the error")?.[2]).toEqual(["attack", "-", "-"]);
  expect(sections.has("Confusion matrix at the threshold")).toBe(false);
  expect(text).not.toMatch(/null|NaN|undefined|Infinity/);
});

test("attacks of no known type are listed as such", () => {
  const text = formatEvaluation(
    evaluateScores({
      scores: Float32Array.of(1, 2),
      isAttack: Uint8Array.of(0, 1),
      attackTypes: { names: ["normal"], codes: Uint8Array.of(0, 1) },
    }),
  );
  expect(sectionsOf(text).get("Detection per attack type")?.[1]).toEqual([
    "(not known)",
    "1",
    "100.00 %",
    "100.00 %",
    "100.00 %",
  ]);
});
