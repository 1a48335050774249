import {
  createOnnxEngine,
  DEFAULT_NETWORK,
  DEFAULT_OPTIMISER,
  initialWeights,
  type LayerShape,
  type NetworkWeights,
  networkShape,
  reconstructionError,
} from "@oddflow/trainer";
import { describe, expect, test } from "vitest";
import golden from "../../../fixtures/golden/training-step.json" with { type: "json" };
import { readGoldenWeights, weightParts } from "./golden-weights.ts";

const engine = createOnnxEngine({ threads: 1 });
const rowNumbers = (rows: number): Uint32Array => Uint32Array.from({ length: rows }, (_, row) => row);

describe("three steps, held against PyTorch to 1e-5", () => {
  const shape = networkShape(golden.features, golden.network);
  const start = {
    shape,
    weights: readGoldenWeights(golden.start),
    features: Float32Array.from(golden.rows),
    optimiser: { ...DEFAULT_OPTIMISER, weightDecay: golden.weightDecay },
    seed: 1,
  };
  const steps = golden.losses.length;
  const rows = rowNumbers(steps * golden.batch);

  function expectSameWeights(got: NetworkWeights, wanted: NetworkWeights): void {
    const wantedParts = weightParts(wanted);
    expect([...weightParts(got).keys()]).toEqual([...wantedParts.keys()]);
    for (const [part, values] of weightParts(got)) {
      const expected = wantedParts.get(part) ?? new Float32Array();
      const size = Math.max(...expected.map(Math.abs));
      const worst = Math.max(...expected.map((value, i) => Math.abs(value - (values[i] ?? Number.NaN))));
      expect([part, worst / size < 1e-5]).toEqual([part, true]);
    }
  }

  test("in one run: losses, weights, gammas, betas and running statistics", async () => {
    const run = await engine.start(start);
    const losses = await run.train(rows, golden.batch, golden.learningRate);
    golden.losses.forEach((loss, step) => {
      expect(Math.abs((losses[step] ?? 0) / loss - 1)).toBeLessThan(1e-5);
    });
    expectSameWeights(await run.weights(), readGoldenWeights(golden.after[steps - 1] ?? []));
    await run.close();
  });

  test("step by step, after each step", async () => {
    const run = await engine.start(start);
    for (let step = 0; step < steps; step++) {
      const part = rows.subarray(step * golden.batch, (step + 1) * golden.batch);
      await run.train(part, golden.batch, golden.learningRate);
      expectSameWeights(await run.weights(), readGoldenWeights(golden.after[step] ?? []));
    }
    await run.close();
  });

  test("and the trained network's error in scoring mode, normalisation folded", async () => {
    const weights = readGoldenWeights(golden.after[steps - 1] ?? []);
    for (const [row, wanted] of golden.reconstructionError.entries()) {
      const features = start.features.slice(row * golden.features, (row + 1) * golden.features);
      const error = await reconstructionError(weights, features, golden.features, 1);
      expect(Math.abs(error / wanted - 1)).toBeLessThan(1e-5);
    }
  });
});

/**
 * One Adam step from zero moments moves a parameter by rate * g / (|g| + epsilon). With both the rate and epsilon huge
 * that is g itself, so the gradient can be read off a step.
 */
describe("gradients, held against numeric differentiation", () => {
  const huge = 1e6;
  const optimiser = { ...DEFAULT_OPTIMISER, weightDecay: 0, epsilon: huge };
  const batch = 64;
  const features = Float32Array.from({ length: batch * 6 }, (_, i) => Math.sin(i * 1.7) + Math.cos(i * i));

  async function oneStep(
    shape: readonly LayerShape[],
    weights: NetworkWeights,
    rate: number,
  ): Promise<{ loss: number; after: NetworkWeights }> {
    const run = await engine.start({ shape, weights, features, optimiser, seed: 3 });
    const [loss = Number.NaN] = await run.train(rowNumbers(batch), batch, rate);
    const after = await run.weights();
    await run.close();
    return { loss, after };
  }

  /**
   * Every fourth unit always off and the others always on: a difference quotient across ReLU's kink is no derivative.
   * Units that are now on, now off are in the steps held against PyTorch.
   */
  function awayFromKinks(weights: NetworkWeights): NetworkWeights {
    return weights.map((layer) =>
      layer.kind === "normalised"
        ? { ...layer, beta: layer.beta.map((_, unit) => (unit % 4 === 3 ? -6 : 6)) }
        : layer,
    );
  }

  /** A copy of the weights with one part moved along a direction. */
  function moved(weights: NetworkWeights, part: string, direction: Float32Array, by: number): NetworkWeights {
    const copy = structuredClone(weights);
    weightParts(copy)
      .get(part)
      ?.forEach((value, i, values) => {
        values[i] = value + by * (direction[i] ?? 0);
      });
    return copy;
  }

  test.each([
    ["without dropout", [0, 0]],
    ["with dropout, the masks drawn alike for the same seed", [0.3, 0.2]],
  ])("%s", async (_, dropout) => {
    const shape = networkShape(6, { hidden: [16, 10], latent: 4, dropout });
    const weights = awayFromKinks(initialWeights(shape, 5));
    const { after } = await oneStep(shape, weights, huge);
    const before = weightParts(weights);
    let checked = 0;
    for (const [part, values] of weightParts(after)) {
      if (part.includes("running")) continue;
      const gradient = values.map((value, i) => (before.get(part)?.[i] ?? 0) - value);
      const length = Math.hypot(...gradient);
      if (length < 1e-5) {
        // A constant that the next normalisation takes away again: the latent bias, or a beta of units always on.
        expect(part).toMatch(/bias|beta/);
        continue;
      }
      const direction = gradient.map((value) => value / length);
      // Far enough for the change of the loss to stand out of float32's rounding.
      const size = Math.min(3e-2, Math.max(2e-3, 1e-3 / length));
      const up = await oneStep(shape, moved(weights, part, direction, size), 0);
      const down = await oneStep(shape, moved(weights, part, direction, -size), 0);
      const slope = (up.loss - down.loss) / (2 * size);
      expect([part, Math.abs(slope / length - 1) < 0.02]).toEqual([part, true]);
      checked++;
    }
    expect(checked).toBeGreaterThanOrEqual(10);
  });
});

describe("dropout", () => {
  const shape = networkShape(4, { hidden: [512], latent: 8, dropout: [0.3] });
  const weights = initialWeights(shape, 1);
  const features = Float32Array.from({ length: 256 * 4 }, (_, i) => Math.sin(i));
  const train = async (seed: number): Promise<Float32Array> => {
    const run = await engine.start({ shape, weights, features, optimiser: DEFAULT_OPTIMISER, seed });
    const losses = await run.train(rowNumbers(256), 64, 0);
    await run.close();
    return losses;
  };

  test("is drawn from the seed alone", async () => {
    const first = await train(1);
    expect(await train(1)).toEqual(first);
    expect(await train(2)).not.toEqual(first);
  });

  test("leaves other units out at every step", async () => {
    const run = await engine.start({ shape, weights, features, optimiser: DEFAULT_OPTIMISER, seed: 1 });
    const sameRows = Uint32Array.from({ length: 4 * 64 }, (_, i) => i % 64);
    const losses = await run.train(sameRows, 64, 0);
    expect(new Set(losses).size).toBe(4);
    await run.close();
  });
});

test("a network of the default shape learns", async () => {
  const shape = networkShape(33, DEFAULT_NETWORK);
  const features = Float32Array.from(
    { length: 2048 * 33 },
    (_, i) => Math.sin((i % 33) * (1 + (i % 7))) + ((i * 37) % 11) / 11,
  );
  const weights = initialWeights(shape, 1);
  const run = await engine.start({ shape, weights, features, optimiser: DEFAULT_OPTIMISER, seed: 1 });
  const before = await reconstructionError(weights, features, 33, 1);
  for (let epoch = 0; epoch < 4; epoch++) await run.train(rowNumbers(2048), 256, 1e-3);
  expect(await reconstructionError(await run.weights(), features, 33, 1)).toBeLessThan(before / 2);
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
    message: expect.stringMatching(/cuda provider cannot be had: .+; it needs .+ or use provider "cpu"/),
  });
});
