import { createScorer } from "@oddflow/inference/node";
import { DETECTOR_OPERATORS, readModelSummary } from "@oddflow/onnx";
import { createOnnxEngine, type DetectorOptions, trainDetector } from "@oddflow/trainer";
import { beforeAll, describe, expect, test } from "vitest";
import { makeDataset } from "./flow-records.ts";

/** Every kind of detector that can be exported, by name: its views, transforms and encodings, with and without a limit. */
const models = new Map<string, Uint8Array>();

beforeAll(async () => {
  for (const detector of ["reference", "robust"] as const) {
    for (const transform of ["identity", "signed-log1p"] as const) {
      for (const encoding of ["label", "one-hot"] as const) {
        for (const featureLimit of [undefined, 5]) {
          const preprocessing: DetectorOptions["preprocessing"] = {
            transform,
            encoding,
            ...(featureLimit === undefined ? {} : { featureLimit }),
          };
          const { model } = await trainDetector(makeDataset(300), createOnnxEngine({ threads: 1 }), {
            flows: { protocol: "held-out", attacksInTraining: 0 },
            detector: {
              name: detector,
              clean: "auto",
              preprocessing,
              network: { hidden: [6], latent: 2, dropout: [0] },
              schedule: { epochs: 1 },
            },
            run: { seed: 1 },
          });
          models.set(`${detector}, ${transform}, ${encoding}, limit ${featureLimit ?? "none"}`, model);
        }
      }
    }
  }
});

/** Named the column errors of detectors with one network; files of former builds are read as before. */
const FORMERLY_WRITTEN = ["Identity"];

test("what may be read from a model file is exactly what is written, now or formerly", () => {
  const written = [...models.values()].flatMap((model) =>
    readModelSummary(model).graph.nodes.map(({ operator }) => operator),
  );
  expect([...new Set([...written, ...FORMERLY_WRITTEN])].sort()).toEqual([...DETECTOR_OPERATORS].sort());
});

describe("a value as large as a float32 can be", () => {
  test("has a finite score, higher than that of a usual flow, in every column of every kind of detector", async () => {
    for (const [name, model] of models) {
      const scorer = await createScorer(model, { provider: "cpu", threads: 1 });
      const usual = scorer.columns.map((column) =>
        column.kind === "number" ? column.median : column.missingCode,
      );
      const { scores } = await scorer.score(Float32Array.from(usual));
      for (const value of [1e20, 1e38, 3.4e38, -3.4e38]) {
        const numbers = scorer.columns.flatMap(({ kind }, k) => (kind === "number" ? [k] : []));
        const flows = numbers.map((k) => usual.with(k, value));
        flows.push(usual.map((own, k) => (numbers.includes(k) ? value : own)));
        const odd = await scorer.score(Float32Array.from(flows.flat()));
        for (const score of odd.scores)
          expect([name, value, score > (scores[0] ?? 0)]).toEqual([name, value, true]);
      }
      await scorer.close();
    }
  });
});
