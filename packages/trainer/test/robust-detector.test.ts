import { createScorer } from "@oddflow/inference/node";
import { featureCount, type PreprocessingSpec, transformFlows } from "@oddflow/preprocessing";
import {
  type DetectorNetwork,
  exportDetector,
  type NetworkWeights,
  residuals,
  whitenedView,
} from "@oddflow/trainer";
import { expect, test } from "vitest";
import golden from "../../../fixtures/golden/robust-detector.json" with { type: "json" };

const COLUMNS = 4;

test("two networks give the column errors and scores that NumPy gives", async () => {
  const { score } = golden;
  const train = Float32Array.from(score.train);
  const spec: PreprocessingSpec = {
    version: 1,
    featureLimit: 5,
    columns: [
      ...score.means.map((mean, k) => ({
        kind: "number" as const,
        name: `number ${k}`,
        median: 0,
        transform: "identity" as const,
        mean,
        scale: score.scales[k] ?? 1,
      })),
      {
        kind: "category",
        name: "category",
        valueType: "text",
        vocabulary: ["a", "b"],
        missingCode: 0,
        encoding: "one-hot",
        mean: 0,
        scale: 1,
      },
    ],
  };
  const networks: DetectorNetwork[] = [];
  for (const { rows, layers } of score.networks) {
    const weights: NetworkWeights = layers.map((layer) => ({
      kind: "linear",
      weights: Float32Array.from(layer.weights),
      bias: Float32Array.from(layer.bias),
    }));
    const features = transformFlows(spec, train.subarray(0, rows * COLUMNS));
    const usual = await residuals(weights, features, featureCount(spec));
    networks.push({ weights, view: await whitenedView(spec, usual) });
  }
  const thresholds = { heldBack: { flows: 2, probabilities: [0, 1], scores: [0, 1] } };
  const scorer = await createScorer(exportDetector(networks, { spec, thresholds, training: {} }), {
    provider: "cpu",
  });
  const { scores, errors = [] } = await scorer.score(Float32Array.from(score.test), { errors: true });
  expect(scores.length).toBe(score.scores.length);
  score.scores.forEach((wanted, row) => {
    expect(Math.abs((scores[row] ?? 0) / wanted - 1)).toBeLessThan(1e-4);
  });
  score.columnErrors.forEach((wanted, i) => {
    expect(Math.abs((errors[i] ?? 0) - wanted)).toBeLessThan(1e-4 * Math.max(1, wanted));
  });
  await scorer.close();
});
