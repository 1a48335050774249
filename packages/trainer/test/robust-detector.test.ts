import { createScorer } from "@oddflow/inference/node";
import {
  type ContextSpec,
  contextColumns,
  featureCount,
  type PreprocessingSpec,
  transformFlows,
} from "@oddflow/preprocessing";
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

test("what is counted over two windows weighs as much as one column", async () => {
  const context: ContextSpec = {
    windows: [60, 600],
    time: "t",
    source: ["s"],
    destination: ["d"],
    bytes: [],
    packets: [],
  };
  const names = ["own", ...contextColumns(context).map(({ name }) => name)];
  const width = names.length;
  const spec: PreprocessingSpec = {
    version: 2,
    featureLimit: 5,
    context,
    columns: names.map((name) => ({
      kind: "number",
      name,
      median: 0,
      transform: "identity",
      mean: 0,
      scale: 1,
    })),
  };
  const identity = Float64Array.from({ length: width * width }, (_, i) => (i % (width + 1) === 0 ? 1 : 0));
  const network: DetectorNetwork = {
    // Makes 0 of every flow, so that the residuals are the features.
    weights: [{ kind: "linear", weights: new Float32Array(width * width), bias: new Float32Array(width) }],
    view: { kind: "whitened", whitening: { mean: new Float64Array(width), matrix: identity }, typical: 1 },
  };
  const thresholds = { heldBack: { flows: 2, probabilities: [0, 1], scores: [0, 1] } };
  const scorer = await createScorer(exportDetector([network], { spec, thresholds, training: {} }), {
    provider: "cpu",
  });
  const { errors = [] } = await scorer.score(new Float32Array(width).fill(2), { errors: true });
  await scorer.close();
  const own = errors[0] ?? 0;
  const measured = names.map((name) => name.replace(/\.\d+s\./, "."));
  const windows = measured.map((name) => measured.filter((other) => other === name).length);
  windows.forEach((count, k) => {
    expect((errors[k] ?? 0) / own).toBeCloseTo(1 / count, 5);
  });
  expect(windows).toContain(2);
});
