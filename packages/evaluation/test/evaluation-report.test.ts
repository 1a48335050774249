import {
  confusionMatrix,
  detectionAtFalsePositiveRate,
  evaluateScores,
  type LabelledScores,
  precisionRecallCurve,
  rocCurve,
} from "@oddflow/evaluation";
import { type ErrorCode, OddflowError } from "@oddflow/preprocessing";
import { describe, expect, test } from "vitest";

/** Six normal flows and four attacks; two attacks tie with a normal flow. */
const flows = {
  scores: Float32Array.of(0.125, 0.25, 0.25, 0.5, 0.75, 1, 0.75, 2, 4, 0.25),
  isAttack: Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 1, 1, 1),
};
const attackTypes = {
  names: ["worms", "normal", "dos", "never seen"],
  codes: Float32Array.of(1, 1, 1, 1, 1, 1, 2, 0, 2, Number.NaN),
};

function refusal(run: () => unknown): { code: ErrorCode; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof OddflowError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("a report of both classes", () => {
  test("counts labels and types, the most frequent type first and unknown types without a name", () => {
    const report = evaluateScores({ ...flows, attackTypes });
    expect(report.rows).toBe(10);
    expect(report.labels).toEqual({ normal: { flows: 6, share: 0.6 }, attack: { flows: 4, share: 0.4 } });
    expect(report.attackTypes).toEqual([
      { name: "normal", flows: 6, share: 0.6 },
      { name: "dos", flows: 2, share: 0.2 },
      { name: "worms", flows: 1, share: 0.1 },
      { name: null, flows: 1, share: 0.1 },
    ]);
  });

  test("chooses the threshold on these flows and says so", () => {
    const report = evaluateScores(flows);
    // 0.75 flags three of four attacks and two of six normal flows; 2 flags two attacks and no normal flow.
    expect(report.threshold).toEqual({ value: 2, chosenOn: "these flows", youdenJ: 0.5 });
    expect(report.confusion).toEqual({
      trueNegatives: 6,
      falsePositives: 0,
      falseNegatives: 2,
      truePositives: 2,
    });
    expect(report.attackTypes).toBeNull();
    expect(report.detectionByAttackType).toBeNull();
  });

  test("takes a threshold that is given, and a score equal to it is an anomaly", () => {
    const report = evaluateScores({ ...flows, attackTypes, threshold: 0.75 });
    expect(report.threshold?.value).toBe(0.75);
    expect(report.threshold?.chosenOn).toBe("other flows");
    expect(report.threshold?.youdenJ).toBeCloseTo(3 / 4 - 2 / 6, 12);
    expect(report.confusion).toEqual({
      trueNegatives: 4,
      falsePositives: 2,
      falseNegatives: 1,
      truePositives: 3,
    });
    expect(report.classification?.attack.recall).toBe(0.75);
    expect(report.classification?.attack.precision).toBe(0.6);
  });

  test("detects per attack type at the threshold and at either limit of false alarms", () => {
    const report = evaluateScores({ ...flows, attackTypes, threshold: 0.75 });
    expect(report.detectionAt1PercentFalseAlarms).toEqual({ detection: 0.5, falseAlarms: 0, threshold: 2 });
    expect(report.detectionAt5PercentFalseAlarms).toEqual({ detection: 0.5, falseAlarms: 0, threshold: 2 });
    expect(report.detectionByAttackType).toEqual([
      { name: "dos", attacks: 2, atThreshold: 1, at1PercentFalseAlarms: 0.5, at5PercentFalseAlarms: 0.5 },
      { name: "worms", attacks: 1, atThreshold: 1, at1PercentFalseAlarms: 1, at5PercentFalseAlarms: 1 },
      { name: null, attacks: 1, atThreshold: 0, at1PercentFalseAlarms: 0, at5PercentFalseAlarms: 0 },
    ]);
  });

  test("takes the names' count as the code of an unknown type, as in a category column", () => {
    const codes = Uint8Array.from(attackTypes.codes, (code) => (Number.isNaN(code) ? 4 : code));
    expect(evaluateScores({ ...flows, attackTypes: { names: attackTypes.names, codes } })).toEqual(
      evaluateScores({ ...flows, attackTypes }),
    );
  });

  test("gives mean, population deviation and ratio of the scores of either class", () => {
    const { scores } = evaluateScores({
      scores: Float32Array.of(1, 3, 6, 10, 2, 2),
      isAttack: Uint8Array.of(0, 0, 1, 1, 0, 0),
    });
    expect(scores.normal).toEqual({ mean: 2, deviation: Math.sqrt(0.5) });
    expect(scores.attack).toEqual({ mean: 8, deviation: 2 });
    expect(scores.ratio).toBe(4);
  });

  test("has no ratio where normal flows have no error at all", () => {
    const report = evaluateScores({ scores: Float32Array.of(0, 0, 1), isAttack: Uint8Array.of(0, 0, 1) });
    expect(report.scores.ratio).toBeNull();
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test("flags nothing, with a null threshold, where every flow has the same score", () => {
    const report = evaluateScores({ scores: new Float32Array(4), isAttack: Uint8Array.of(0, 1, 0, 1) });
    expect(report.rocAuc).toBe(0.5);
    expect(report.threshold).toEqual({ value: null, chosenOn: "these flows", youdenJ: 0 });
    expect(report.confusion?.trueNegatives).toBe(2);
    expect(report.confusion?.falseNegatives).toBe(2);
    expect(report.detectionAt5PercentFalseAlarms).toEqual({ detection: 0, falseAlarms: 0, threshold: null });
  });

  test("leaves the scores, labels and codes that it is given as they were", () => {
    const scores = flows.scores.slice();
    const isAttack = flows.isAttack.slice();
    const codes = attackTypes.codes.slice();
    evaluateScores({ scores, isAttack, attackTypes: { names: attackTypes.names, codes } });
    expect(scores).toEqual(flows.scores);
    expect(isAttack).toEqual(flows.isAttack);
    expect(codes).toEqual(attackTypes.codes);
  });
});

describe("a report of one class alone", () => {
  const scores = Float32Array.of(1, 2, 3, 4);

  test.each([
    ["normal", 0],
    ["attack", 1],
  ] as const)("%s flows alone: figures that need both classes are null", (present, label) => {
    const isAttack = new Uint8Array(4).fill(label);
    const types = { names: ["some type"], codes: new Uint8Array(4) };
    const report = evaluateScores({ scores, isAttack, attackTypes: types });
    expect(report.labels[present]).toEqual({ flows: 4, share: 1 });
    expect(report.rocAuc).toBeNull();
    expect(report.prAuc).toBeNull();
    expect(report.threshold).toBeNull();
    expect(report.classification).toBeNull();
    expect(report.confusion).toBeNull();
    expect(report.detectionAt1PercentFalseAlarms).toBeNull();
    expect(report.detectionAt5PercentFalseAlarms).toBeNull();
    expect(report.scores[present]).toEqual({ mean: 2.5, deviation: Math.sqrt(1.25) });
    expect(report.scores[present === "normal" ? "attack" : "normal"]).toBeNull();
    expect(report.scores.ratio).toBeNull();
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test("a given threshold still classifies normal flows, with 0 where a rate would divide by zero", () => {
    const report = evaluateScores({ scores, isAttack: new Uint8Array(4), threshold: 4 });
    expect(report.threshold).toEqual({ value: 4, chosenOn: "other flows", youdenJ: null });
    expect(report.classification?.accuracy).toBe(0.75);
    expect(report.classification?.attack).toEqual({ precision: 0, recall: 0, f1: 0, support: 0 });
  });

  test("a given threshold still detects attacks per type", () => {
    const types = { names: ["dos"], codes: new Uint8Array(4) };
    const report = evaluateScores({
      scores,
      isAttack: new Uint8Array(4).fill(1),
      attackTypes: types,
      threshold: 3,
    });
    expect(report.detectionByAttackType).toEqual([
      {
        name: "dos",
        attacks: 4,
        atThreshold: 0.5,
        at1PercentFalseAlarms: null,
        at5PercentFalseAlarms: null,
      },
    ]);
  });
});

describe("input that can't be evaluated", () => {
  const measures: [string, (scores: Float32Array, isAttack: Uint8Array) => unknown][] = [
    ["evaluateScores", (scores, isAttack) => evaluateScores({ scores, isAttack })],
    ["rocCurve", rocCurve],
    ["precisionRecallCurve", precisionRecallCurve],
    ["confusionMatrix", (scores, isAttack) => confusionMatrix(scores, isAttack, 1)],
  ];

  test.each(measures)("%s refuses no flows at all", (_, measure) => {
    expect(refusal(() => measure(new Float32Array(0), new Uint8Array(0))).code).toBe("TOO_FEW_FLOWS");
  });

  test.each(measures)("%s refuses labels of another length and names both", (_, measure) => {
    const { code, message } = refusal(() => measure(new Float32Array(7), new Uint8Array(5)));
    expect(code).toBe("FLOWS_SHAPE");
    expect(message).toMatch(/\b5 labels\b.*\b7 scores\b/);
  });

  test.each(measures)("%s refuses a score that is NaN or infinite and names its row", (_, measure) => {
    for (const score of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const scores = Float32Array.of(1, 2, 3, score, Number.NaN);
      const { code, message } = refusal(() => measure(scores, Uint8Array.of(0, 1, 0, 1, 0)));
      expect(code).toBe("FLOWS_SHAPE");
      expect(message).toContain(`row 3 (the first is row 0) is ${score}`);
    }
  });

  test("attack-type codes of another length, or that stand for no name, are refused", () => {
    const withCodes = (codes: number[], names = ["dos"]): LabelledScores => ({
      scores: Float32Array.of(1, 2),
      isAttack: Uint8Array.of(0, 1),
      attackTypes: { names, codes: Float32Array.from(codes) },
    });
    expect(refusal(() => evaluateScores(withCodes([0]))).code).toBe("FLOWS_SHAPE");
    for (const code of [2, -1, 0.5, Number.POSITIVE_INFINITY]) {
      const refused = refusal(() => evaluateScores(withCodes([0, code])));
      expect(refused.code).toBe("FLOWS_SHAPE");
      expect(refused.message).toContain(`row 1 (the first is row 0) is ${code}`);
    }
  });

  test("a threshold that is NaN and a limit outside 0 to 1 are refused", () => {
    expect(refusal(() => evaluateScores({ ...flows, threshold: Number.NaN })).code).toBe("OPTION_RANGE");
    const curve = rocCurve(flows.scores, flows.isAttack);
    for (const limit of [-0.01, 1.01, Number.NaN]) {
      expect(refusal(() => detectionAtFalsePositiveRate(curve, limit)).code).toBe("OPTION_RANGE");
    }
  });
});
