import {
  averagePrecision,
  classificationReport,
  confusionMatrix,
  detectionAtFalsePositiveRate,
  evaluateScores,
  formatEvaluation,
  precisionRecallCurve,
  rocAuc,
  rocCurve,
  youdenThreshold,
} from "@oddflow/evaluation";
import fc from "fast-check";
import { expect, test } from "vitest";

/** Flows with at least one of either class. Few distinct scores half of the time, so that ties are common. */
const scoredFlows = fc
  .oneof(
    fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.boolean()), { maxLength: 60 }),
    fc.array(fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.boolean()), { maxLength: 60 }),
  )
  .chain((flows) =>
    fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })).map(([normal, attack]) => {
      const all: [number, boolean][] = [[normal, false], ...flows, [attack, true]];
      return {
        scores: Float64Array.from(all, ([score]) => score),
        isAttack: Uint8Array.from(all, ([, attack]) => (attack ? 1 : 0)),
      };
    }),
  );

test("ROC-AUC is the chance that an attack scores above a normal flow, ties counted half", () => {
  fc.assert(
    fc.property(scoredFlows, ({ scores, isAttack }) => {
      let wins = 0;
      let pairs = 0;
      for (const [attack, label] of isAttack.entries()) {
        if (label === 0) continue;
        for (const [normal, other] of isAttack.entries()) {
          if (other !== 0) continue;
          pairs++;
          const difference = (scores[attack] ?? 0) - (scores[normal] ?? 0);
          wins += difference > 0 ? 1 : difference === 0 ? 0.5 : 0;
        }
      }
      expect(rocAuc(rocCurve(scores, isAttack))).toBeCloseTo(wins / pairs, 12);
    }),
  );
});

test("rising maps of the scores change neither ROC-AUC nor average precision", () => {
  fc.assert(
    fc.property(scoredFlows, ({ scores, isAttack }) => {
      const mapped = scores.map((score) => score ** 3 / 7 - 2);
      expect(rocAuc(rocCurve(mapped, isAttack))).toBe(rocAuc(rocCurve(scores, isAttack)));
      expect(averagePrecision(precisionRecallCurve(mapped, isAttack))).toBe(
        averagePrecision(precisionRecallCurve(scores, isAttack)),
      );
    }),
  );
});

test("ROC-AUC of the scores and of the negated scores add up to 1", () => {
  fc.assert(
    fc.property(scoredFlows, ({ scores, isAttack }) => {
      const negated = scores.map((score) => -score);
      expect(rocAuc(rocCurve(scores, isAttack)) + rocAuc(rocCurve(negated, isAttack))).toBeCloseTo(1, 12);
    }),
  );
});

test("the order of the flows changes nothing in the ranking", () => {
  fc.assert(
    fc.property(scoredFlows, ({ scores, isAttack }) => {
      expect(rocCurve(scores.toReversed(), isAttack.toReversed())).toEqual(rocCurve(scores, isAttack));
    }),
  );
});

test("float32 scores give what the same scores give as doubles", () => {
  fc.assert(
    fc.property(scoredFlows, ({ scores, isAttack }) => {
      const singles = Float32Array.from(scores, (score) => score / 7);
      expect(evaluateScores({ scores: singles, isAttack })).toEqual(
        evaluateScores({ scores: Float64Array.from(singles), isAttack }),
      );
    }),
  );
});

test("detection never falls as the limit of false positives rises, keeps to it, and holds at its threshold", () => {
  const limit = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(scoredFlows, limit, limit, ({ scores, isAttack }, one, other) => {
      const curve = rocCurve(scores, isAttack);
      const strict = detectionAtFalsePositiveRate(curve, Math.min(one, other));
      const loose = detectionAtFalsePositiveRate(curve, Math.max(one, other));
      expect(strict.truePositiveRate).toBeLessThanOrEqual(loose.truePositiveRate);
      expect(strict.falsePositiveRate).toBeLessThanOrEqual(Math.min(one, other));
      const { normal, attack } = classificationReport(confusionMatrix(scores, isAttack, strict.threshold));
      expect(attack.recall).toBe(strict.truePositiveRate);
      expect(1 - normal.recall).toBeCloseTo(strict.falsePositiveRate, 12);
    }),
  );
});

test("no threshold has a larger Youden J than the chosen one, and none above it an equal J", () => {
  fc.assert(
    fc.property(scoredFlows, ({ scores, isAttack }) => {
      const curve = rocCurve(scores, isAttack);
      const best = youdenThreshold(curve);
      const bestJ = best.truePositiveRate - best.falsePositiveRate;
      for (const [point, threshold] of curve.thresholds.entries()) {
        const j = (curve.truePositiveRate[point] ?? 0) - (curve.falsePositiveRate[point] ?? 0);
        expect(j).toBeLessThanOrEqual(bestJ);
        if (threshold > best.threshold) expect(j).toBeLessThan(bestJ);
      }
    }),
  );
});

test("the confusion matrix adds up to the flows of either class, and its report's supports do too", () => {
  const threshold = fc.double({ min: -4, max: 4, noNaN: true });
  fc.assert(
    fc.property(scoredFlows, threshold, ({ scores, isAttack }, threshold) => {
      const confusion = confusionMatrix(scores, isAttack, threshold);
      const attacks = isAttack.filter((label) => label !== 0).length;
      expect(confusion.truePositives + confusion.falseNegatives).toBe(attacks);
      expect(confusion.trueNegatives + confusion.falsePositives).toBe(isAttack.length - attacks);
      const flagged = scores.filter((score) => score >= threshold).length;
      expect(confusion.truePositives + confusion.falsePositives).toBe(flagged);
      const report = classificationReport(confusion);
      expect(report.attack.support).toBe(attacks);
      expect(report.macroAverage.support).toBe(isAttack.length);
      expect(report.weightedAverage.recall).toBeCloseTo(report.accuracy, 12);
    }),
  );
});

test("attack types divide the flows, and their detections average to the detection of all attacks", () => {
  fc.assert(
    fc.property(scoredFlows, fc.array(fc.nat(3), { minLength: 62, maxLength: 62 }), (flows, picks) => {
      const codes = Uint8Array.from(flows.scores, (_, row) => picks[row] ?? 0);
      const report = evaluateScores({ ...flows, attackTypes: { names: ["a", "b", "c"], codes } });
      const { attackTypes, detectionByAttackType, classification } = report;
      expect(attackTypes?.reduce((sum, type) => sum + type.flows, 0)).toBe(report.rows);
      expect(attackTypes?.reduce((sum, type) => sum + type.share, 0)).toBeCloseTo(1, 12);
      const attacks = report.labels.attack.flows;
      expect(detectionByAttackType?.reduce((sum, type) => sum + type.attacks, 0)).toBe(attacks);
      const average = (key: "atThreshold" | "at1PercentFalseAlarms" | "at5PercentFalseAlarms") =>
        detectionByAttackType?.reduce(
          (sum, type) => sum + ((type[key] ?? Number.NaN) * type.attacks) / attacks,
          0,
        );
      expect(average("atThreshold")).toBeCloseTo(classification?.attack.recall ?? Number.NaN, 12);
      expect(average("at1PercentFalseAlarms")).toBeCloseTo(
        report.detectionAt1PercentFalseAlarms?.detection ?? Number.NaN,
        12,
      );
      expect(average("at5PercentFalseAlarms")).toBeCloseTo(
        report.detectionAt5PercentFalseAlarms?.detection ?? Number.NaN,
        12,
      );
    }),
  );
});

test("whatever the names of the attack types, the text is plain ASCII of at most 100 columns", () => {
  const name = fc.string({ unit: "binary", maxLength: 120 });
  fc.assert(
    fc.property(scoredFlows, fc.array(name, { minLength: 1, maxLength: 5 }), (flows, names) => {
      const codes = Uint8Array.from(flows.scores, (_, row) => row % (names.length + 1));
      const text = formatEvaluation(evaluateScores({ ...flows, attackTypes: { names, codes } }));
      for (const line of text.split("\n")) expect(line).toMatch(/^[\x20-\x7e]{0,100}$/);
    }),
  );
});
