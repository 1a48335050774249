import {
  createOnnxEngine,
  DEFAULT_OPTIMISER,
  DETECTOR_NETWORK,
  initialWeights,
  networkShape,
  reconstructionError,
} from "@oddflow/trainer";
import { expect, test } from "vitest";
import golden from "../../../fixtures/golden/training-step.json" with { type: "json" };
import { rowNumbers, testTrainingSteps } from "./engine-suite.ts";
import { readGoldenWeights } from "./golden-weights.ts";

const engine = createOnnxEngine({ threads: 1 });

testTrainingSteps(engine);

test("a trained network's error in scoring mode, normalisation folded, held against PyTorch to 1e-5", async () => {
  const rows = Float32Array.from(golden.rows);
  const weights = readGoldenWeights(golden.after.at(-1) ?? []);
  for (const [row, wanted] of golden.reconstructionError.entries()) {
    const features = rows.slice(row * golden.features, (row + 1) * golden.features);
    const error = await reconstructionError(weights, features, golden.features);
    expect(Math.abs(error / wanted - 1)).toBeLessThan(1e-5);
  }
});

test("a network of the default shape learns", async () => {
  const shape = networkShape(33, DETECTOR_NETWORK.reference);
  const features = Float32Array.from(
    { length: 2048 * 33 },
    (_, i) => Math.sin((i % 33) * (1 + (i % 7))) + ((i * 37) % 11) / 11,
  );
  const weights = initialWeights(shape, 1);
  const run = await engine.start({ shape, weights, features, optimiser: DEFAULT_OPTIMISER, seed: 1 });
  const before = await reconstructionError(weights, features, 33);
  for (let epoch = 0; epoch < 4; epoch++) await run.train(rowNumbers(2048), 256, 1e-3);
  expect(await reconstructionError(await run.weights(), features, 33)).toBeLessThan(before / 2);
  await run.close();
});

test("a provider that cannot be had is refused, with what is missing", async () => {
  const shape = networkShape(4, { hidden: [4], latent: 2, dropout: [0] });
  const start = {
    shape,
    weights: initialWeights(shape, 1),
    features: new Float32Array(8),
    optimiser: DEFAULT_OPTIMISER,
    seed: 1,
  };
  await expect(createOnnxEngine({ provider: "cuda" }).start(start)).rejects.toMatchObject({
    code: "PROVIDER_UNAVAILABLE",
    message: expect.stringMatching(/cuda provider cannot be had: .+; it needs .+ or use the cpu provider/),
  });
});
