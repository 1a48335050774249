import {
  DEFAULT_SCHEDULE,
  defaultEpochs,
  type NetworkWeights,
  networkShape,
  type TrainingEngine,
  type TrainingProgress,
  trainNetwork,
} from "@oddflow/trainer";
import { describe, expect, test } from "vitest";

/** A linear network of one unit whose output is `bias` whatever comes in: on rows of 0, its error is bias squared. */
const shape = networkShape(1, { hidden: [], latent: 1, dropout: [] });
const constantNetwork = (bias: number): NetworkWeights => [
  { kind: "linear", weights: Float32Array.of(0), bias: Float32Array.of(0) },
  { kind: "linear", weights: Float32Array.of(0), bias: Float32Array.of(bias) },
];

/** An engine that takes no steps but notes what it is asked for; epoch `i` ends with the given validation loss. */
function scriptedEngine(validationLosses: readonly number[]) {
  const calls: { rows: number[]; batchSize: number; learningRate: number }[] = [];
  let epoch = 0;
  let closed = 0;
  const engine: TrainingEngine = {
    name: "scripted",
    provider: "none",
    describe: async () => "nothing",
    start: async () => ({
      train: async (rows, batchSize, learningRate) => {
        calls.push({ rows: [...rows], batchSize, learningRate });
        return new Float32Array(rows.length / batchSize).fill(2);
      },
      weights: async () => constantNetwork(Math.sqrt(validationLosses[epoch++] ?? 0)),
      close: async () => {
        closed++;
      },
    }),
  };
  return { engine, calls, closed: () => closed };
}

const data = (rows: number) => ({ train: new Float32Array(rows), validation: new Float32Array(5) });
const options = (epochs: number) => ({ shape, schedule: { ...DEFAULT_SCHEDULE, epochs }, seed: 1 });

describe("the schedule", () => {
  test("halves the rate after 3 epochs without improvement, stops after 5, and keeps the best weights", async () => {
    const { engine, calls, closed } = scriptedEngine([5, 4, 4, 6, 5, 5, 5, 1]);
    const result = await trainNetwork(engine, data(256), options(30));
    expect(result).toMatchObject({ bestEpoch: 2, stopped: "no improvement" });
    expect(result.epochs.map((epoch) => epoch.learningRate)).toEqual([
      1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 5e-4, 5e-4,
    ]);
    expect(calls.map((call) => call.learningRate)).toEqual(result.epochs.map((epoch) => epoch.learningRate));
    expect(result.weights[1]).toMatchObject({ bias: Float32Array.of(2) });
    expect(closed()).toBe(1);
  });

  test("goes through all epochs while the loss falls", async () => {
    const { engine } = scriptedEngine([5, 4, 3, 2]);
    const result = await trainNetwork(engine, data(256), options(4));
    expect(result).toMatchObject({ bestEpoch: 4, stopped: "all epochs done" });
    expect(result.epochs.map((epoch) => Math.round(epoch.validationLoss))).toEqual([5, 4, 3, 2]);
  });

  test("has 30, 20 or 15 epochs by the number of rows", () => {
    const reference = (rows: number): number => defaultEpochs("reference", rows);
    expect([1, 100_000, 100_001, 500_000, 500_001].map(reference)).toEqual([30, 30, 20, 20, 15]);
    const robust = (rows: number): number => defaultEpochs("robust", rows);
    expect([1, 6_000, 25_000, 50_000, 10_000_000].map(robust)).toEqual([30, 30, 8, 4, 3]);
  });
});

describe("batches", () => {
  test("hold every row once an epoch, in another order each time", async () => {
    const { engine, calls } = scriptedEngine([2, 1]);
    await trainNetwork(engine, data(20_000), options(2));
    const whole = calls.slice(0, calls.length / 2).flatMap((call) => call.rows);
    expect(whole.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20_000 }, (_, row) => row));
    expect(calls.slice(calls.length / 2).flatMap((call) => call.rows)).not.toEqual(whole);
    expect(new Set(calls.map((call) => call.batchSize))).toEqual(new Set([256, 20_000 % 256]));
  });

  test("leave out a last batch of one row, and shrink to a table smaller than a batch", async () => {
    const one = scriptedEngine([1]);
    await trainNetwork(one.engine, data(257), options(1));
    expect(one.calls.map((call) => call.rows.length)).toEqual([256]);
    const small = scriptedEngine([1]);
    await trainNetwork(small.engine, data(7), options(1));
    expect(small.calls.map((call) => call.batchSize)).toEqual([7]);
  });

  test("come in the same order for the same seed", async () => {
    const order = async (seed: number): Promise<number[]> => {
      const { engine, calls } = scriptedEngine([1]);
      await trainNetwork(engine, data(1000), { ...options(1), seed });
      return calls.flatMap((call) => call.rows);
    };
    expect(await order(1)).toEqual(await order(1));
    expect(await order(1)).not.toEqual(await order(2));
  });
});

describe("an interrupt", () => {
  test("ends after the running steps and keeps the best weights so far", async () => {
    const { engine, calls, closed } = scriptedEngine([3, 9, 9]);
    const abort = new AbortController();
    const result = await trainNetwork(engine, data(20_000), {
      ...options(30),
      signal: abort.signal,
      onProgress: ({ epoch, share }) => {
        if (epoch === 2 && share > 0.3) abort.abort();
      },
    });
    expect(result).toMatchObject({ bestEpoch: 1, stopped: "interrupted" });
    expect(result.weights[1]).toMatchObject({ bias: Float32Array.of(Math.sqrt(3)) });
    // Four runs of the first epoch and one of the second.
    expect(calls).toHaveLength(5);
    expect(closed()).toBe(1);
  });

  test("within the first epoch keeps what was reached", async () => {
    const { engine } = scriptedEngine([4]);
    const abort = new AbortController();
    const result = await trainNetwork(engine, data(20_000), {
      ...options(30),
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    expect(result).toMatchObject({ bestEpoch: 1, stopped: "interrupted" });
    expect(result.weights[1]).toMatchObject({ bias: Float32Array.of(2) });
  });
});

test("progress tells where training stands", async () => {
  const { engine } = scriptedEngine([3, 2]);
  const seen: TrainingProgress[] = [];
  await trainNetwork(engine, data(20_000), { ...options(2), onProgress: (progress) => seen.push(progress) });
  expect(seen.map(({ epoch, share }) => [epoch, share])).toEqual([
    ...[8192, 16_384, 19_968, 20_000].map((done) => [1, done / 20_000]),
    ...[8192, 16_384, 19_968, 20_000].map((done) => [2, done / 20_000]),
  ]);
  for (const progress of seen) {
    expect(progress.trainLoss).toBeCloseTo(2, 6);
    expect(progress.flowsPerSecond).toBeGreaterThan(0);
    expect(progress.secondsLeft).toBeGreaterThanOrEqual(0);
  }
  expect(seen[0]?.validationLoss).toBeUndefined();
  expect(seen.at(-1)?.validationLoss).toBeCloseTo(3, 6);
});

test("too few flows are refused, and the engine is closed when a loss is no number", async () => {
  const { engine } = scriptedEngine([1]);
  await expect(trainNetwork(engine, data(1), options(1))).rejects.toMatchObject({ code: "TOO_FEW_FLOWS" });
  const nan = scriptedEngine([Number.NaN]);
  await expect(trainNetwork(nan.engine, data(10), options(1))).rejects.toMatchObject({
    code: "OPTION_RANGE",
    message: expect.stringContaining("learning rate"),
  });
  expect(nan.closed()).toBe(1);
});
