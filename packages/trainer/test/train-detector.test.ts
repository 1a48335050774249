import { createScorer } from "@oddflow/inference/node";
import { parseDetectorMetadata, readModelSummary } from "@oddflow/onnx";
import { transformFlows } from "@oddflow/preprocessing";
import {
  createOnnxEngine,
  type FlowDataset,
  reconstructionError,
  type TrainDetectorOptions,
  type TrainedDetector,
  trainDetector,
} from "@oddflow/trainer";
import { describe, expect, test } from "vitest";
import { makeDataset } from "./flow-records.ts";

const engine = createOnnxEngine({ threads: 1 });
const options: TrainDetectorOptions = {
  protocol: "held-out",
  seed: 1,
  contamination: 0.05,
  preprocessing: { transform: "signed-log1p", encoding: "one-hot" },
  network: { hidden: [32, 16], latent: 4, dropout: [0.1, 0.1] },
  schedule: { epochs: 12, batchSize: 64 },
};
const train = (dataset: FlowDataset, changes: Partial<TrainDetectorOptions> = {}): Promise<TrainedDetector> =>
  trainDetector(dataset, engine, { ...options, ...changes });

describe("a detector trained on labelled flows", () => {
  test("finds the attacks, and its file holds all that is needed to score", async () => {
    const trained = await train(makeDataset(4000));
    expect(trained.evaluation?.rocAuc).toBeGreaterThan(0.75);
    expect(trained.evaluation?.threshold?.chosenOn).toBe("other flows");
    expect(trained.parts).toEqual({ train: 2526, validation: 300, validationAttacks: 100, test: 700 });
    const metadata = parseDetectorMetadata(readModelSummary(trained.model));
    expect(metadata.spec).toEqual(trained.spec);
    expect(metadata.thresholds).toEqual(trained.thresholds);
    expect(metadata.training).toMatchObject({
      seed: 1,
      protocol: "held-out",
      engine: { name: "onnx", provider: "cpu" },
    });
  });

  test("is the same file for the same seed, and another for another", async () => {
    const short = { schedule: { epochs: 1, batchSize: 64 } };
    const { model } = await train(makeDataset(1000), short);
    expect((await train(makeDataset(1000), short)).model).toEqual(model);
    expect((await train(makeDataset(1000), { ...short, seed: 2 })).model).not.toEqual(model);
  });

  test("scores a flow by the mean over its columns of the network's error, in the graph as outside it", async () => {
    for (const preprocessing of [
      options.preprocessing,
      { transform: "identity", encoding: "label" },
    ] as const) {
      const dataset = makeDataset(600);
      const { model, spec, network } = await train(dataset, { preprocessing, schedule: { epochs: 2 } });
      const scorer = await createScorer(model, { provider: "cpu" });
      const rows = dataset.flows.subarray(0, 20 * spec.columns.length);
      const { scores, errors = new Float32Array() } = await scorer.score(rows, { errors: true });
      const width = spec.columns.length;
      scores.forEach((score, row) => {
        const sum = errors
          .subarray(row * width, (row + 1) * width)
          .reduce((total, error) => total + error, 0);
        expect(score).toBeCloseTo(sum / width, 4);
      });
      if (preprocessing.encoding === "label") {
        const features = transformFlows(spec, rows);
        for (const [row, score] of scores.entries()) {
          const one = features.slice(row * width, (row + 1) * width);
          expect(score).toBeCloseTo(await reconstructionError(network.weights, one, width, 1), 4);
        }
      }
      await scorer.close();
    }
  });

  test("fits on the training part alone, or on all rows by the reference protocol", async () => {
    const dataset = makeDataset(400);
    // A service that one test-part attack alone has.
    const columns = dataset.columns.map((column) =>
      column.kind === "category" ? { ...column, vocabulary: [...column.vocabulary, "odd"] } : column,
    );
    const rows = [3, 7, 11, 15];
    const withOdd = (): FlowDataset => {
      const { flows, labels } = makeDataset(400);
      for (const row of rows) flows[row * 4 + 3] = 3;
      return { columns, flows, ...(labels ? { labels } : {}) };
    };
    const vocabulary = (trained: TrainedDetector): readonly string[] => {
      const column = trained.spec.columns[3];
      return column?.kind === "category" ? column.vocabulary : [];
    };
    const short = { schedule: { epochs: 1 }, contamination: 0 };
    expect(vocabulary(await train(withOdd(), short))).not.toContain("odd");
    const reference = await train(withOdd(), { ...short, protocol: "reference" });
    expect(vocabulary(reference)).toContain("odd");
    expect(reference.evaluation?.threshold?.chosenOn).toBe("these flows");
  });

  test.each([0, 0.15])("takes a contamination of %d", async (contamination) => {
    const { parts } = await train(makeDataset(1200), { contamination, schedule: { epochs: 1 } });
    expect(parts.train).toBe(Math.round(720 / (1 - contamination)));
  });

  test("is contaminated as far as there are attacks for it when nobody says how much", async () => {
    const { contamination: _, ...unsaid } = options;
    const dataset = makeDataset(1200);
    dataset.labels?.isAttack.fill(0, 0, 1100);
    const { parts } = await trainDetector(dataset, engine, { ...unsaid, schedule: { epochs: 1 } });
    const attacks = 25;
    expect(parts).toMatchObject({ train: Math.round((1200 - attacks) * 0.8) + 12, validationAttacks: 3 });
  });

  test("uses the subset that it is told to", async () => {
    const { parts } = await train(makeDataset(2000), { subset: 0.25, schedule: { epochs: 1 } });
    expect(parts.train + parts.validation + parts.validationAttacks + parts.test).toBeLessThanOrEqual(500);
  });
});

test("a table without labels trains too, and its thresholds keep the budget on flows held back", async () => {
  const dataset = makeDataset(3000, false);
  const trained = await train(dataset);
  expect(trained.evaluation).toBeUndefined();
  expect(trained.thresholds.youden).toBeUndefined();
  expect(trained.parts).toEqual({ train: 2400, validation: 300, validationAttacks: 0, test: 300 });
  const scorer = await createScorer(trained.model);
  const { scores } = await scorer.score(dataset.flows);
  const threshold = scorer.thresholds.forBudget(0.1);
  const share = scores.filter((score) => score >= threshold).length / scores.length;
  expect(share).toBeGreaterThan(0.05);
  expect(share).toBeLessThan(0.2);
  await scorer.close();
});

describe("what cannot be trained is refused", () => {
  const cases: [string, FlowDataset, Partial<TrainDetectorOptions>, string][] = [
    ["a contamination above 0.2", makeDataset(100), { contamination: 0.3 }, "OPTION_RANGE"],
    ["a contamination below 0", makeDataset(100), { contamination: -0.1 }, "OPTION_RANGE"],
    [
      "the reference protocol without labels",
      makeDataset(100, false),
      { protocol: "reference" },
      "LABELS_MISSING",
    ],
    ["a table of two flows", makeDataset(2, false), {}, "TOO_FEW_FLOWS"],
    ["an empty table", makeDataset(0, false), {}, "TOO_FEW_FLOWS"],
    ["a layer of 0 units", makeDataset(100), { network: { ...options.network, latent: 0 } }, "OPTION_RANGE"],
    [
      "a dropout of 1",
      makeDataset(100),
      { network: { ...options.network, dropout: [1, 0] } },
      "OPTION_RANGE",
    ],
  ];
  test.each(cases)("%s", async (_, dataset, changes, code) => {
    await expect(train(dataset, changes)).rejects.toMatchObject({ code });
  });
});
