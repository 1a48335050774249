import { createScorer, type Scores } from "@oddflow/inference/node";
import {
  type ContextSpec,
  contextColumns,
  featureCount,
  type PreprocessingSpec,
  transformFlows,
} from "@oddflow/preprocessing";
import {
  type DetectorNetwork,
  type DetectorParts,
  errorLimits,
  exportDetector,
  type NetworkWeights,
  residuals,
  whitenedView,
} from "@oddflow/trainer";
import { expect, test } from "vitest";
import golden from "../../../fixtures/golden/robust-detector.json" with { type: "json" };

const COLUMNS = 4;

const { score: wanted } = golden;

test.each([
  ["in full", false, wanted.columnErrors, wanted.scores],
  ["up to the limits of usual flows", true, wanted.limited, wanted.limitedScores],
])(
  "two networks give the column errors, %s, and scores that NumPy gives",
  async (_, isLimited, wantedErrors, wantedScores) => {
    const train = Float32Array.from(wanted.train);
    const spec: PreprocessingSpec = {
      version: 1,
      featureLimit: 5,
      columns: [
        ...wanted.means.map((mean, k) => ({
          kind: "number" as const,
          name: `number ${k}`,
          median: 0,
          transform: "identity" as const,
          mean,
          scale: wanted.scales[k] ?? 1,
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
    for (const { rows, layers } of wanted.networks) {
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
    const score = async (parts: DetectorParts, flows: Float32Array): Promise<Scores> => {
      const scorer = await createScorer(exportDetector(parts, { spec, thresholds, training: {} }), {
        provider: "cpu",
      });
      const scored = await scorer.score(flows, { errors: true });
      await scorer.close();
      return scored;
    };
    const ofTraining = (await score({ networks }, train)).errors ?? new Float32Array();
    const limits = errorLimits(ofTraining, COLUMNS);
    wanted.limits.forEach((limit, k) => {
      expect((limits[k] ?? 0) / limit).toBeCloseTo(1, 4);
    });
    const { scores, errors = [] } = await score(
      { networks, ...(isLimited ? { limits } : {}) },
      Float32Array.from(wanted.test),
    );
    expect(scores.length).toBe(wantedScores.length);
    wantedScores.forEach((one, row) => {
      expect(Math.abs((scores[row] ?? 0) / one - 1)).toBeLessThan(1e-4);
    });
    wantedErrors.forEach((one, i) => {
      expect(Math.abs((errors[i] ?? 0) - one)).toBeLessThan(1e-4 * Math.max(1, one));
    });
  },
);

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
  const scorer = await createScorer(
    exportDetector({ networks: [network] }, { spec, thresholds, training: {} }),
    {
      provider: "cpu",
    },
  );
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
