import {
  DEFAULT_OPTIMISER,
  initialWeights,
  type LayerShape,
  type NetworkWeights,
  networkShape,
  type TrainingEngine,
} from "@oddflow/trainer";
import { describe, expect, test } from "vitest";
import golden from "../../../fixtures/golden/training-step.json" with { type: "json" };
import { readGoldenWeights, weightParts } from "./golden-weights.ts";

export const rowNumbers = (rows: number): Uint32Array => Uint32Array.from({ length: rows }, (_, row) => row);

/** What every engine must do, whatever it is made of. */
export function testTrainingSteps(engine: TrainingEngine): void {
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
    function moved(
      weights: NetworkWeights,
      part: string,
      direction: Float32Array,
      by: number,
    ): NetworkWeights {
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

    test("leaves out units at the rate that was asked for, and scales up the rest", async () => {
      const rate = 0.3;
      const flows = 4096;
      const oneUnit = networkShape(1, { hidden: [1], latent: 1, dropout: [rate] });
      // Of features that are all 0, the error is (m + bias)^2, where m is the last unit's mask.
      const loss = async (bias: number): Promise<number> => {
        const masked = initialWeights(oneUnit, 1).map((layer, index) => {
          if (index === 2) return { ...layer, gamma: Float32Array.of(0), beta: Float32Array.of(1) };
          return index === 3 ? { ...layer, weights: Float32Array.of(1), bias: Float32Array.of(bias) } : layer;
        });
        const start = { optimiser: DEFAULT_OPTIMISER, seed: 1, features: new Float32Array(flows) };
        const run = await engine.start({ ...start, shape: oneUnit, weights: masked });
        const [loss = Number.NaN] = await run.train(rowNumbers(flows), flows, 0);
        await run.close();
        return loss;
      };
      const meanSquare = await loss(0);
      const mean = (meanSquare + 1 - (await loss(-1))) / 2;
      const scale = meanSquare / mean;
      expect(Math.abs(scale * (1 - rate) - 1)).toBeLessThan(1e-4);
      const deviation = Math.sqrt((rate * (1 - rate)) / flows);
      expect(Math.abs(mean / scale - (1 - rate))).toBeLessThan(5 * deviation);
    });
  });
}
