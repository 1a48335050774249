import { readFileSync } from "node:fs";
import {
  averagePrecision,
  type ClassMetrics,
  classificationReport,
  confusionMatrix,
  detectionAtFalsePositiveRate,
  evaluateScores,
  precisionRecallCurve,
  rocAuc,
  rocCurve,
  type ScoreSpread,
  youdenThreshold,
} from "@oddflow/evaluation";
import { describe, expect, test } from "vitest";

type StoredNumber = number | "inf" | null;
type StoredMetrics = [precision: number, recall: number, f1: number, support: number];

interface StoredCurve {
  length: number;
  at: number[];
}

interface GoldenCase {
  name: string;
  dtype: "float32" | "float64";
  scores: string;
  isAttack: string;
  expected: {
    roc: StoredCurve & Record<"falsePositiveRate" | "truePositiveRate" | "thresholds", StoredNumber[]>;
    precisionRecall: StoredCurve & Record<"precision" | "recall" | "thresholds", StoredNumber[]>;
    rocAuc: number | null;
    averagePrecision: number;
    youdenThreshold: StoredNumber;
    detections: [limit: number, detection: number, threshold: StoredNumber][];
    scores: ([mean: number, deviation: number] | null)[];
    classifications: {
      threshold: StoredNumber;
      confusion: [[number, number], [number, number]];
      accuracy: number;
      report: Record<"normal" | "attack" | "macro avg" | "weighted avg", StoredMetrics>;
    }[];
  };
}

const goldenUrl = new URL("../../../fixtures/golden/metrics.json", import.meta.url);
const golden = JSON.parse(readFileSync(goldenUrl, "utf8")) as { cases: GoldenCase[] };

/** The agreement with scikit-learn that the project promises. */
const TOLERANCE = 1e-9;

function scoresOf({ dtype, scores }: GoldenCase): Float32Array | Float64Array {
  const bytes = new Uint8Array(Buffer.from(scores, "base64"));
  return dtype === "float32" ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
}

function labelsOf({ isAttack }: GoldenCase): Uint8Array {
  return Uint8Array.from(isAttack, Number);
}

function stored(value: StoredNumber | undefined): number {
  if (value === undefined) throw new Error("the golden file lacks a number");
  if (value === null) return Number.NaN;
  return value === "inf" ? Number.POSITIVE_INFINITY : value;
}

function expectClose(actual: number | undefined, expected: number): void {
  if (Number.isFinite(expected)) expect(Math.abs((actual ?? Number.NaN) - expected)).toBeLessThan(TOLERANCE);
  else expect(actual).toBe(expected);
}

function expectPoints(actual: Float64Array, at: number[], expected: StoredNumber[]): void {
  for (const [index, point] of at.entries()) {
    if (point < actual.length) expectClose(actual[point], stored(expected[index]));
  }
}

function metricsRow({ precision, recall, f1, support }: ClassMetrics): StoredMetrics {
  return [precision, recall, f1, support];
}

test("the golden file holds cases with ties, with one class alone and with thousands of rows", () => {
  expect(golden.cases.length).toBeGreaterThanOrEqual(12);
  expect(golden.cases.some(({ isAttack }) => isAttack.length === 5000)).toBe(true);
  expect(golden.cases.some(({ isAttack }) => isAttack.length === 2)).toBe(true);
  expect(golden.cases.some(({ isAttack }) => !isAttack.includes("1"))).toBe(true);
  expect(golden.cases.some(({ isAttack }) => !isAttack.includes("0"))).toBe(true);
  for (const { expected } of golden.cases) expect(expected.roc.at.length).toBeGreaterThanOrEqual(2);
});

describe.each(golden.cases)("agrees with scikit-learn: $name", (golden) => {
  const scores = scoresOf(golden);
  const isAttack = labelsOf(golden);
  const { expected } = golden;

  test("ROC curve and the area under it", () => {
    const curve = rocCurve(scores, isAttack);
    expect(curve.thresholds.length).toBe(expected.roc.length);
    expect(curve.falsePositiveRate.length).toBe(expected.roc.length);
    expect(curve.truePositiveRate.length).toBe(expected.roc.length);
    expectPoints(curve.falsePositiveRate, expected.roc.at, expected.roc.falsePositiveRate);
    expectPoints(curve.truePositiveRate, expected.roc.at, expected.roc.truePositiveRate);
    expectPoints(curve.thresholds, expected.roc.at, expected.roc.thresholds);
    expectClose(rocAuc(curve), stored(expected.rocAuc));
  });

  test("precision-recall curve and average precision", () => {
    const curve = precisionRecallCurve(scores, isAttack);
    expect(curve.precision.length).toBe(expected.precisionRecall.length);
    expect(curve.recall.length).toBe(expected.precisionRecall.length);
    expect(curve.thresholds.length).toBe(expected.precisionRecall.length - 1);
    expectPoints(curve.precision, expected.precisionRecall.at, expected.precisionRecall.precision);
    expectPoints(curve.recall, expected.precisionRecall.at, expected.precisionRecall.recall);
    expectPoints(curve.thresholds, expected.precisionRecall.at, expected.precisionRecall.thresholds);
    expectClose(averagePrecision(curve), expected.averagePrecision);
    expect(averagePrecision(curve)).toBeLessThanOrEqual(1);
  });

  test("the thresholds at the best Youden J and at limits of false positives", () => {
    const curve = rocCurve(scores, isAttack);
    expect(youdenThreshold(curve).threshold).toBe(stored(expected.youdenThreshold));
    for (const [limit, detection, threshold] of expected.detections) {
      const point = detectionAtFalsePositiveRate(curve, limit);
      expectClose(point.truePositiveRate, detection);
      expect(point.threshold).toBe(stored(threshold));
      expect(point.falsePositiveRate).toBeLessThanOrEqual(limit);
    }
  });

  test("confusion matrix and classification report", () => {
    expect(expected.classifications.length).toBe(4);
    for (const { threshold, confusion, accuracy, report } of expected.classifications) {
      const counted = confusionMatrix(scores, isAttack, stored(threshold));
      expect([
        [counted.trueNegatives, counted.falsePositives],
        [counted.falseNegatives, counted.truePositives],
      ]).toEqual(confusion);
      const actual = classificationReport(counted);
      expectClose(actual.accuracy, accuracy);
      const rows: [ClassMetrics, StoredMetrics][] = [
        [actual.normal, report.normal],
        [actual.attack, report.attack],
        [actual.macroAverage, report["macro avg"]],
        [actual.weightedAverage, report["weighted avg"]],
      ];
      for (const [row, wanted] of rows) {
        for (const [index, value] of metricsRow(row).entries())
          expectClose(value, wanted[index] ?? Number.NaN);
      }
    }
  });

  test("the report gives the same figures, with null where scikit-learn gives none", () => {
    const report = evaluateScores({ scores, isAttack });
    const classes: [ScoreSpread | null, [number, number] | null | undefined][] = [
      [report.scores.normal, expected.scores[0]],
      [report.scores.attack, expected.scores[1]],
    ];
    for (const [actual, wanted] of classes) {
      expect(actual === null).toBe(wanted === null);
      expectClose(actual?.mean ?? Number.NaN, wanted?.[0] ?? Number.NaN);
      expectClose(actual?.deviation ?? Number.NaN, wanted?.[1] ?? Number.NaN);
    }
    if (expected.rocAuc === null) {
      expect([report.rocAuc, report.prAuc, report.threshold]).toEqual([null, null, null]);
    } else {
      expectClose(report.rocAuc ?? Number.NaN, expected.rocAuc);
      expectClose(report.prAuc ?? Number.NaN, expected.averagePrecision);
      const wanted = stored(expected.youdenThreshold);
      expect(report.threshold?.value).toBe(Number.isFinite(wanted) ? wanted : null);
      expectClose(
        report.detectionAt1PercentFalseAlarms?.detection,
        expected.detections[1]?.[1] ?? Number.NaN,
      );
      expectClose(
        report.detectionAt5PercentFalseAlarms?.detection,
        expected.detections[2]?.[1] ?? Number.NaN,
      );
    }
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});
