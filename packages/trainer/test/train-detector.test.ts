import { parseDetectorMetadata } from "@oddflow/detector";
import { createScorer } from "@oddflow/inference/node";
import { readModelSummary } from "@oddflow/onnx";
import { transformFlows } from "@oddflow/preprocessing";
import {
  chooseEngine,
  createOnnxEngine,
  DETECTOR_NAMES,
  DETECTOR_PREPROCESSING,
  type FlowDataset,
  residuals,
  type TrainedDetector,
  type TrainingOptions,
  trainDetector,
} from "@oddflow/trainer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeDataset } from "./flow-records.ts";

const engine = createOnnxEngine({ threads: 1 });
const options: TrainingOptions = {
  flows: { protocol: "held-out", attacksInTraining: 0.05 },
  detector: {
    name: "robust",
    clean: "auto",
    preprocessing: DETECTOR_PREPROCESSING.robust,
    network: { hidden: [32, 16], latent: 4, dropout: [0.1, 0.1] },
    schedule: { epochs: 12, batchSize: 64 },
  },
  run: { seed: 1 },
};

type Changes = { readonly [Kind in keyof TrainingOptions]?: Partial<TrainingOptions[Kind]> };

const changed = ({ flows, detector, run }: Changes): TrainingOptions => ({
  flows: { ...options.flows, ...flows },
  detector: { ...options.detector, ...detector },
  run: { ...options.run, ...run },
});

const train = (dataset: FlowDataset, changes: Changes = {}): Promise<TrainedDetector> => {
  const { flows, ...others } = changed(changes);
  const attacksInTraining = dataset.labels && flows.attacksInTraining;
  return trainDetector(dataset, engine, { ...others, flows: { ...flows, attacksInTraining } });
};

/** For tests that ask nothing of what is learned. */
const short = { epochs: 1, batchSize: 64 };

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
    const fast = { detector: { schedule: short } };
    const { model } = await train(makeDataset(1000), fast);
    expect((await train(makeDataset(1000), fast)).model).toEqual(model);
    expect((await train(makeDataset(1000), { ...fast, run: { seed: 2 } })).model).not.toEqual(model);
  });

  test("of the reference kind scores a flow in the graph as outside it", async () => {
    const dataset = makeDataset(600);
    const { model, spec, network } = await train(dataset, {
      detector: {
        name: "reference",
        preprocessing: DETECTOR_PREPROCESSING.reference,
        schedule: { epochs: 2 },
      },
    });
    const scorer = await createScorer(model, { provider: "cpu" });
    const width = spec.columns.length;
    const rows = dataset.flows.subarray(0, 20 * width);
    const { scores, errors = new Float32Array() } = await scorer.score(rows, { errors: true });
    const left = await residuals(network.weights, transformFlows(spec, rows), width);
    left.forEach((residual, i) => {
      expect(Math.abs((errors[i] ?? 0) - residual ** 2)).toBeLessThan(1e-4 * Math.max(1, residual ** 2));
    });
    scores.forEach((score, row) => {
      const own = errors.subarray(row * width, (row + 1) * width);
      const mean = own.reduce((sum, error) => sum + error, 0) / width;
      expect(Math.abs(score - mean)).toBeLessThan(1e-4 * Math.max(1, mean));
    });
    await scorer.close();
  });

  test("of the robust kind learns once more from the usual ones of the training flows, unless told not to", async () => {
    const auto = await train(makeDataset(1500), { detector: { schedule: short } });
    const { mainFlows, usual } = auto.learned;
    expect(usual?.flows).toBeGreaterThan(auto.parts.train / 2);
    expect(usual?.flows).toBeLessThan(mainFlows);
    expect(mainFlows).toBeLessThanOrEqual(auto.parts.train);
    const { learned, parts } = await train(makeDataset(1500), {
      detector: { schedule: short, clean: "off" },
    });
    expect(learned).toEqual({ mainFlows: parts.train });
    const small = await train(makeDataset(300), { detector: { schedule: short } });
    expect(small.learned).toEqual({ mainFlows: small.parts.train });
  });

  test("keeps what it found of the test part, and how unusual columns are, for reports and reasons", async () => {
    const {
      test: part,
      parts,
      spec,
      thresholds,
    } = await train(makeDataset(1500), { detector: { schedule: { epochs: 1 } } });
    const width = spec.columns.length;
    expect(part.rows.length).toBe(parts.test);
    expect(part.flows.length).toBe(parts.test * width);
    part.scores.forEach((score, row) => {
      const own = part.columnErrors.subarray(row * width, (row + 1) * width);
      expect(score).toBeCloseTo(own.reduce((sum, error) => sum + error, 0) / width, 4);
    });
    expect(thresholds.columnErrors?.errors.length).toBe(width);
  });

  test.each(DETECTOR_NAMES)(
    "gives any flow a finite score and finite errors, the %s way",
    async (detector) => {
      const preprocessing = DETECTOR_PREPROCESSING[detector];
      const { model, spec } = await train(makeDataset(600), {
        detector: { name: detector, preprocessing, schedule: { epochs: 1 } },
      });
      const scorer = await createScorer(model, { provider: "cpu" });
      const width = spec.columns.length;
      await fc.assert(
        fc.asyncProperty(fc.array(fc.float(), { minLength: width, maxLength: width }), async (values) => {
          const { scores, errors } = await scorer.score(Float32Array.from(values), { errors: true });
          for (const value of [...scores, ...(errors ?? [])]) expect(Number.isFinite(value)).toBe(true);
        }),
        { numRuns: 300, examples: [[[3.4e38, -3.4e38, 3.4e38, 1e30]], [[1e37, 1e19, -1e20, 0]]] },
      );
      await scorer.close();
    },
  );

  test("whose labels say nothing has no best threshold, and its file opens all the same", async () => {
    const dataset = makeDataset(2000);
    // The oddest flows are called normal and the others attacks, so that flagging nothing is best.
    dataset.labels?.isAttack.forEach((label, row, labels) => {
      labels[row] = 1 - label;
    });
    const { model, thresholds } = await train(dataset, { flows: { attacksInTraining: 0 } });
    expect(parseDetectorMetadata(readModelSummary(model)).thresholds).toEqual(thresholds);
  });

  test("of the robust kind lets no single column decide, however far off it is", async () => {
    const dataset = makeDataset(2000);
    const { model } = await train(dataset);
    const scorer = await createScorer(model, { provider: "cpu" });
    const usual = dataset.flows.slice(0, 4);
    const far = Float32Array.from(
      [1e3, 1e6, 1e12, 1e30, 3e38].flatMap((bytes) => [bytes, ...usual.subarray(1)]),
    );
    const { scores } = await scorer.score(far);
    for (let i = 2; i < scores.length; i++) expect(scores[i]).toBeLessThan(1.5 * (scores[1] ?? 0));
    await scorer.close();
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
    const detector = {
      name: "reference",
      preprocessing: DETECTOR_PREPROCESSING.reference,
      schedule: { epochs: 1 },
    } as const;
    const heldOut = await train(withOdd(), { detector, flows: { attacksInTraining: 0 } });
    expect(vocabulary(heldOut)).not.toContain("odd");
    const reference = await train(withOdd(), {
      detector,
      flows: { attacksInTraining: 0, protocol: "reference" },
    });
    expect(vocabulary(reference)).toContain("odd");
    expect(reference.evaluation?.threshold?.chosenOn).toBe("these flows");
  });

  test.each([0, 0.15])("puts a share of %d attacks in training", async (attacksInTraining) => {
    const { parts } = await train(makeDataset(1200), {
      flows: { attacksInTraining },
      detector: { schedule: { epochs: 1 } },
    });
    expect(parts.train).toBe(Math.round(720 / (1 - attacksInTraining)));
  });

  test("has attacks in training as far as there are some when nobody says how many", async () => {
    const dataset = makeDataset(1200);
    dataset.labels?.isAttack.fill(0, 0, 1100);
    const { parts } = await train(dataset, {
      flows: { attacksInTraining: undefined },
      detector: { schedule: { epochs: 1 } },
    });
    const attacks = 25;
    expect(parts).toMatchObject({ train: Math.round((1200 - attacks) * 0.8) + 12, validationAttacks: 3 });
  });

  test("uses the subset that it is told to", async () => {
    const { parts } = await train(makeDataset(2000), {
      flows: { subset: 0.25 },
      detector: { schedule: { epochs: 1 } },
    });
    expect(parts.train + parts.validation + parts.validationAttacks + parts.test).toBeLessThanOrEqual(500);
  });
});

test("a table without labels trains too, and its thresholds keep the budget on flows held back", async () => {
  const dataset = makeDataset(3000, false);
  const trained = await train(dataset);
  expect(trained.evaluation).toBeUndefined();
  expect(trained.thresholds.youden).toBeUndefined();
  expect(trained.parts).toEqual({ train: 2550, validation: 450, validationAttacks: 0, test: 0 });
  expect([trained.heldBack.rows.length, trained.test.rows.length]).toEqual([450, 0]);
  const scorer = await createScorer(trained.model);
  const { scores } = await scorer.score(dataset.flows);
  const threshold = scorer.thresholds.forBudget(0.1);
  const share = scores.filter((score) => score >= threshold).length / scores.length;
  expect(share).toBeGreaterThan(0.05);
  expect(share).toBeLessThan(0.2);
  await scorer.close();
});

describe("what cannot be trained is refused", () => {
  test("a share of attacks in training where no labels tell attacks", async () => {
    const refused = trainDetector(makeDataset(100, false), engine, options);
    await expect(refused).rejects.toMatchObject({ code: "LABELS_MISSING" });
  });

  const { network, preprocessing } = options.detector;
  const labelled = makeDataset(100);
  const outOfRange: [string, Changes][] = [
    ["a share of attacks in training above 0.2", { flows: { attacksInTraining: 0.3 } }],
    ["a share of attacks in training below 0", { flows: { attacksInTraining: -0.1 } }],
    ["a subset of nothing", { flows: { subset: 0 } }],
    ["a share to clean above a half", { detector: { clean: 7 } }],
    ["a share to clean of nothing", { detector: { clean: 0 } }],
    ["a layer of 0 units", { detector: { network: { ...network, latent: 0 } } }],
    ["a dropout of 1", { detector: { network: { ...network, dropout: [1, 0] } } }],
    ["a layer without a dropout", { detector: { network: { ...network, dropout: [0] } } }],
    ["no epoch", { detector: { schedule: { epochs: 0 } } }],
    ["half an epoch", { detector: { schedule: { epochs: 1.5 } } }],
    ["a batch of one", { detector: { schedule: { batchSize: 1 } } }],
    ["a learning rate of 0", { detector: { schedule: { learningRate: 0 } } }],
    ["patience of no epoch", { detector: { schedule: { stopAfter: 0 } } }],
    ["a feature limit below 0", { detector: { preprocessing: { ...preprocessing, featureLimit: -1 } } }],
    ["a share of a rare value above 1", { detector: { preprocessing: { ...preprocessing, rareShare: 2 } } }],
    ["a seed that is no whole number", { run: { seed: 0.5 } }],
  ];
  const cases: [string, FlowDataset, Changes, string][] = [
    ...outOfRange.map(([what, changes]): [string, FlowDataset, Changes, string] => [
      what,
      labelled,
      changes,
      "OPTION_RANGE",
    ]),
    [
      "the reference protocol without labels",
      makeDataset(100, false),
      { flows: { protocol: "reference" } },
      "LABELS_MISSING",
    ],
    ["a table of two flows", makeDataset(2, false), {}, "TOO_FEW_FLOWS"],
    ["an empty table", makeDataset(0, false), {}, "TOO_FEW_FLOWS"],
  ];
  test.each(cases)("%s", async (_, dataset, changes, code) => {
    const refusal: unknown = await train(dataset, changes).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code });
  });

  test.each([0, 257, 1.5])("%d threads", (threads) => {
    expect(() => chooseEngine({ engine: "auto", provider: "auto", threads })).toThrow(
      expect.objectContaining({ code: "OPTION_RANGE" }),
    );
  });
});
