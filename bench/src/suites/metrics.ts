import {
  averagePrecision,
  evaluateScores,
  precisionRecallCurve,
  rocAuc,
  rocCurve,
} from "@oddflow/evaluation";
import { type BenchSuite, expectTrue } from "../case.ts";
import { randomNumbers } from "../random-numbers.ts";

const FLOWS = 200_000;
const ATTACKS = 0.1;

/** What evaluation computes of scores and labels. Attacks score uniformly from 0.5 to 1.5, normal flows from 0 to 1. */
export async function metricsSuite(): Promise<BenchSuite> {
  const uniform = randomNumbers();
  const isAttack = Uint8Array.from({ length: FLOWS }, () => (uniform() < ATTACKS ? 1 : 0));
  const scores = Float32Array.from(isAttack, (attack) => uniform() + 0.5 * attack);
  const near = (value: number | null, expected: number): boolean =>
    value !== null && Math.abs(value - expected) < 0.01;
  return {
    cases: [
      {
        name: "ROC curve and its area",
        flows: FLOWS,
        // The chance that u + 0.5 > v for uniform u and v is 1 - 0.5 * 0.5 / 2.
        check: async () => expectTrue(near(rocAuc(rocCurve(scores, isAttack)), 0.875), "ROC-AUC is wrong"),
        run: () => {
          rocAuc(rocCurve(scores, isAttack));
        },
      },
      {
        name: "precision-recall curve and its area",
        flows: FLOWS,
        check: async () => {
          const area = averagePrecision(precisionRecallCurve(scores, isAttack));
          expectTrue(area > 0.5 && area < 1, `average precision is ${area}`);
        },
        run: () => {
          averagePrecision(precisionRecallCurve(scores, isAttack));
        },
      },
      {
        name: "the whole evaluation",
        flows: FLOWS,
        check: async () =>
          expectTrue(near(evaluateScores({ scores, isAttack }).rocAuc, 0.875), "ROC-AUC is wrong"),
        run: () => {
          evaluateScores({ scores, isAttack });
        },
      },
    ],
    close: async () => {},
  };
}
