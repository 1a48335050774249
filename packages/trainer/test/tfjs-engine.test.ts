import { once } from "node:events";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { createScorer } from "@oddflow/inference/node";
import { fitPreprocessing } from "@oddflow/preprocessing";
import {
  createOnnxEngine,
  createTfjsEngine,
  DEFAULT_OPTIMISER,
  DEFAULT_SCHEDULE,
  DETECTOR_NETWORK,
  describeTfjs,
  exportDetector,
  initialWeights,
  networkShape,
  type TfjsEngine,
  type TrainingRun,
  trainNetwork,
} from "@oddflow/trainer";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { describe, expect, test } from "vitest";
import { rowNumbers, testTrainingSteps } from "./engine-suite.ts";

const loadedTfjsNode = Object.keys(createRequire(import.meta.url).cache).filter((path) =>
  path.includes("tfjs-node"),
);
const native = await describeTfjs();
if (!native.available) console.warn(`tfjs: SKIPPED native backend, because ${native.reason}`);
await tf.setBackend("wasm");
const onWasm = createTfjsEngine({ tf });
const engines: [string, TfjsEngine][] = [["tfjs's WASM backend", onWasm]];
if (native.available) engines.push(["tfjs-node", createTfjsEngine()]);

describe.each(engines)("on %s, the tfjs engine", (_, engine) => {
  testTrainingSteps(engine);

  test("goes the way of the onnx engine over ten steps, and its export scores alike", async () => {
    // Of few units: where one comes out at 0 but for rounding, ReLU is on for one engine and off for the other.
    const width = 33;
    const shape = networkShape(width, { hidden: [64, 32], latent: 8, dropout: [0, 0] });
    const features = madeUpFeatures(320, width);
    const columns = Array.from({ length: width }, (_, i) => ({ kind: "number", name: `c${i}` }) as const);
    const spec = fitPreprocessing({ columns, flows: features }, { transform: "identity", encoding: "label" });
    const results = [];
    for (const each of [engine, createOnnxEngine({ threads: 1 })]) {
      const start = { shape, weights: initialWeights(shape, 1), features, optimiser: DEFAULT_OPTIMISER };
      const run = await each.start({ ...start, seed: 1 });
      const losses = await run.train(rowNumbers(320), 32, 1e-3);
      const thresholds = { heldBack: { flows: 2, probabilities: [0, 1], scores: [0, 1] } };
      const model = exportDetector(
        { networks: [{ weights: await run.weights(), view: { kind: "squared" } }] },
        {
          spec,
          thresholds,
          training: {},
        },
      );
      await run.close();
      const scorer = await createScorer(model, { provider: "cpu" });
      const { scores } = await scorer.score(features);
      await scorer.close();
      results.push({ losses, scores });
    }
    const [tfjs, onnx] = results;
    expect(tfjs?.losses).toHaveLength(10);
    expect(tfjs?.scores).toHaveLength(320);
    expect(largestShift(tfjs?.losses, onnx?.losses)).toBeLessThan(1e-4);
    expect(largestShift(tfjs?.scores, onnx?.scores)).toBeLessThan(1e-4);
  });

  test("leaves no tensor behind, from epoch to epoch and at the end", async () => {
    const { memory } = tf;
    const before = memory().numTensors;
    const shape = networkShape(4, { hidden: [16, 8], latent: 2, dropout: [0.3, 0] });
    const rows = 20 * 64 + 7;
    const afterEpochs: number[] = [];
    await trainNetwork(
      engine,
      { train: madeUpFeatures(rows, 4), validation: madeUpFeatures(10, 4) },
      {
        // So many steps that the dropout masks are drawn anew in between.
        schedule: { ...DEFAULT_SCHEDULE, epochs: 16, stopAfter: 16, batchSize: 64 },
        shape,
        seed: 1,
        onProgress: ({ share }) => {
          if (share === 1) afterEpochs.push(memory().numTensors);
        },
      },
    );
    expect(afterEpochs).toHaveLength(16);
    expect(new Set(afterEpochs).size).toBe(1);
    expect(afterEpochs[0]).toBeGreaterThan(before);
    expect(memory().numTensors).toBe(before);
  });

  test("lets timers be heard between runs of steps, so that training can be interrupted", async () => {
    const run = await startDefault(engine);
    let heard = false;
    setTimeout(() => {
      heard = true;
    }, 0);
    for (let i = 0; i < 50 && !heard; i++) await run.train(rowNumbers(64), 64, 1e-3);
    expect(heard).toBe(true);
    await run.close();
  });

  test("keeps out of the way of another training, also on another backend", async () => {
    const alone = await startDefault(engine);
    const wanted = [
      await alone.train(rowNumbers(128), 64, 1e-3),
      await alone.train(rowNumbers(128), 64, 1e-3),
    ];
    await alone.close();
    const [one, other] = [await startDefault(engine), await startDefault(onWasm, 2)];
    const first = await one.train(rowNumbers(128), 64, 1e-3);
    await other.train(rowNumbers(128), 64, 1e-2);
    await other.close();
    expect([first, await one.train(rowNumbers(128), 64, 1e-3)]).toEqual(wanted);
    await one.close();
  });
});

describe.skipIf(!native.available)("tfjs-node", () => {
  test("is what the engine says that it runs on", async () => {
    const { available: _, ...found } = native;
    expect(await createTfjsEngine().runtime()).toEqual({ ...found, backend: "tensorflow" });
    expect(found).toMatchObject({ package: "@tensorflow/tfjs-node", tfjsVersion: "4.22.0", gpu: false });
    expect(found.libtensorflow).toMatch(/^2\.\d+\.\d+/);
  });

  test("bears signals while it trains: a Ctrl-C, a terminal that is resized", async () => {
    const train = async (): Promise<Float32Array> => {
      const run = await startDefault(createTfjsEngine());
      const losses = [];
      for (let i = 0; i < 10; i++) losses.push(...(await run.train(rowNumbers(1024), 256, 1e-3)));
      await run.close();
      return Float32Array.from(losses);
    };
    const undisturbed = await train();
    let signals = 0;
    const count = (): void => {
      signals++;
    };
    process.on("SIGWINCH", count);
    const sender = new Worker(`setInterval(() => process.kill(process.pid, "SIGWINCH"), 1)`, { eval: true });
    try {
      await once(sender, "online");
      expect(await train()).toEqual(undisturbed);
      expect(signals).toBeGreaterThan(5);
    } finally {
      await sender.terminate();
      process.off("SIGWINCH", count);
    }
  });
});

test("importing the package loads no tfjs-node: it may be missing", () => {
  expect(loadedTfjsNode).toEqual([]);
});

function startDefault(engine: TfjsEngine, seed = 1): Promise<TrainingRun> {
  const shape = networkShape(33, DETECTOR_NETWORK.reference);
  const weights = initialWeights(shape, seed);
  return engine.start({
    shape,
    weights,
    features: madeUpFeatures(1024, 33),
    optimiser: DEFAULT_OPTIMISER,
    seed,
  });
}

/** Row-major `[rows, width]`. */
function madeUpFeatures(rows: number, width: number): Float32Array {
  return Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i * 0.7) + Math.cos(i * i));
}

/** The largest difference between numbers of the same place, as a share of the second. */
function largestShift(
  got: Float32Array = new Float32Array(),
  wanted: Float32Array = new Float32Array(),
): number {
  return Math.max(...wanted.map((value, i) => Math.abs((got[i] ?? Number.NaN) / value - 1)));
}
