import {
  COLUMN_ERROR_OUTPUT,
  parseDetectorMetadata,
  RECONSTRUCTION_VALUE,
  SCORE_OUTPUT,
} from "@oddflow/detector";
import { createScorer, openNodeSession, Tensor } from "@oddflow/inference/node";
import { exposeValue, readModelSummary } from "@oddflow/onnx";
import {
  type FitOptions,
  featureCount,
  featureWidth,
  recodeFlows,
  transformFlows,
} from "@oddflow/preprocessing";
import { createOnnxEngine, type DetectorName, trainDetector } from "@oddflow/trainer";
import { expect, test } from "vitest";
import { makeDataset } from "./flow-records.ts";

async function trained(detector: DetectorName, preprocessing: FitOptions) {
  const { model } = await trainDetector(makeDataset(600), createOnnxEngine({ threads: 1 }), {
    flows: { protocol: "held-out", attacksInTraining: 0 },
    detector: {
      name: detector,
      clean: "off",
      preprocessing,
      network: { hidden: [8], latent: 2, dropout: [0.1] },
      schedule: { epochs: 2 },
    },
    run: { seed: 1 },
  });
  const { spec, thresholds } = parseDetectorMetadata(readModelSummary(model));
  const { columns, flows } = makeDataset(600);
  recodeFlows(flows, columns, spec.columns);
  return { model, spec, thresholds, flows };
}

async function run(model: Uint8Array, flows: Float32Array, width: number, outputs: readonly string[]) {
  const session = await openNodeSession(model, "cpu", 1);
  const input = new Tensor("float32", flows, [flows.length / width, width]);
  const values = await session.run({ flows: input }, outputs);
  await session.release();
  return outputs.map((name) => Float32Array.from(values[name]?.data as Float32Array));
}

test.each([
  ["label", "identity", 1e6],
  ["label", "signed-log1p", 3],
  ["one-hot", "signed-log1p", 5],
] as const)(
  "a squared error follows from what is expected (%s, %s)",
  async (encoding, transform, featureLimit) => {
    const { model, spec, flows } = await trained("reference", { encoding, transform, featureLimit });
    const width = spec.columns.length;
    const features = featureCount(spec);
    const exposed = exposeValue(model, RECONSTRUCTION_VALUE, ["batch", features]);
    const [score, errors, reconstruction] = await run(exposed, flows, width, [
      SCORE_OUTPUT,
      COLUMN_ERROR_OUTPUT,
      RECONSTRUCTION_VALUE,
    ]);
    if (!score || !errors || !reconstruction) throw new Error("three outputs were asked for");
    // To the last bit: the value is in the graph either way.
    expect([score, errors]).toEqual(await run(model, flows, width, [SCORE_OUTPUT, COLUMN_ERROR_OUTPUT]));

    const actual = transformFlows(spec, flows);
    let feature = 0;
    spec.columns.forEach((column, k) => {
      const size = featureWidth(column);
      for (let row = 0; row < score.length; row++) {
        let sum = 0;
        for (let i = row * features + feature; i < row * features + feature + size; i++) {
          sum += ((reconstruction[i] as number) - (actual[i] as number)) ** 2;
        }
        const error = errors[row * width + k] as number;
        expect(Math.abs(sum / size - error)).toBeLessThan(1e-5 * Math.max(1, error));
      }
      feature += size;
    });

    // And in the units of the table: the expected flow's features are what the network made of the flow's.
    const scorer = await createScorer(model, { provider: "cpu" });
    const explained = await scorer.explain(flows, { top: width });
    await scorer.close();
    const expected = flows.slice();
    explained.forEach(({ reasons }, row) => {
      spec.columns.forEach(({ kind, name }, k) => {
        const value = reasons.find((reason) => reason.name === name)?.expected;
        expect(typeof value).toBe(kind === "number" ? "number" : "string");
        if (kind === "number") expected[row * width + k] = Number(value);
      });
    });
    const wanted = transformFlows(spec, expected);
    let inside = 0;
    reconstruction.forEach((value, i) => {
      // Numbers come first in this table, so their features have their columns' places.
      if (i % features >= 3 || Math.abs(value) > featureLimit) return;
      inside++;
      expect(Math.abs(value - (wanted[i] as number))).toBeLessThan(1e-4);
    });
    expect(inside).toBeGreaterThan(score.length);
  },
);

test("the robust detector's file says how unusual a column's error is, and its reasons do", async () => {
  const { model, spec, thresholds, flows } = await trained("robust", {
    encoding: "one-hot",
    transform: "signed-log1p",
    featureLimit: 5,
  });
  expect(thresholds.columnErrors?.errors).toHaveLength(spec.columns.length);
  const scorer = await createScorer(model, { provider: "cpu" });
  const explained = await scorer.explain(flows, { top: 1 });
  const { scores } = await scorer.score(flows);
  await scorer.close();
  expect(Float32Array.from(explained, ({ score }) => score)).toEqual(scores);
  const rarities = explained.map(({ reasons }) => reasons[0]?.rarity ?? Number.NaN);
  expect(rarities.every((rarity) => rarity >= 0 && rarity <= 1)).toBe(true);
  // Every fourth flow is an attack; the column that gives it away is further off than usual.
  const mean = (wanted: boolean): number => {
    const own = rarities.filter((_, row) => (row % 4 === 3) === wanted);
    return own.reduce((sum, rarity) => sum + rarity, 0) / own.length;
  };
  expect(mean(true)).toBeLessThan(mean(false));
});
