import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createTfjsEngine,
  describeTfjs,
  initialWeights,
  networkShape,
  type TrainingRun,
} from "@oddflow/trainer";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const name = "@tensorflow/tfjs-node-gpu";
const home = process.cwd();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "oddflow-tfjs-"));
  process.chdir(folder);
});

afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

/** Puts a package of the name of tfjs-node-gpu, of this code, into the current folder, as a user would install it. */
function install(code: string): void {
  const place = join(folder, "node_modules", name);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "package.json"), JSON.stringify({ name, main: "index.js" }));
  writeFileSync(join(place, "index.js"), code);
}

/** What tfjs-node-gpu looks like from outside. */
const tfjs = (gpu: boolean): string => `
  exports.version = { "tfjs-node": "4.22.0" };
  exports.getBackend = () => "tensorflow";
  exports.setBackend = async () => true;
  exports.backend = () => ({
    binding: { TF_Version: "2.9.1" },
    isGPUPackage: true,
    isUsingGpuDevice: ${gpu},
    executeMultipleOutputs() {},
  });
`;

const noNativeHalf = `
  throw new Error("The Node.js native addon module (tfjs_binding.node) can not be found at path: /x. \\nPlease run");
`;

function start(): Promise<TrainingRun> {
  const shape = networkShape(4, { hidden: [4], latent: 2, dropout: [0] });
  const optimiser = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };
  const weights = initialWeights(shape, 1);
  return createTfjsEngine({ provider: "gpu" }).start({
    shape,
    weights,
    features: new Float32Array(8),
    optimiser,
    seed: 1,
  });
}

describe("a GPU that was asked for and cannot be had is refused, with what is missing", () => {
  const cases: [string, string, RegExp][] = [
    ["the native half", noNativeHalf, /without its native half, tfjs_binding\.node; run "npm rebuild/],
    [
      "the GPU",
      tfjs(false),
      /libtensorflow 2\.9\.1 found no GPU; it needs an NVIDIA GPU with its driver, and CUDA/,
    ],
    [
      "a library",
      `throw new Error("libcudart.so.11.0: cannot open");`,
      /cannot be loaded: libcudart\.so\.11\.0/,
    ],
  ];

  test.each(cases)("%s", async (_, code, missing) => {
    install(code);
    const { reason, ...description } = await describeTfjs("gpu");
    expect(description).toMatchObject({ available: false, package: name, gpu: false });
    expect(reason).toMatch(missing);
    await expect(start()).rejects.toMatchObject({
      code: "PROVIDER_UNAVAILABLE",
      message: `train: the tfjs engine cannot run on the GPU: ${reason}; or use the onnx engine`,
    });
  });

  test.skipIf(isInstalled())("the package", async () => {
    const reason = expect.stringMatching(/^@tensorflow\/tfjs-node-gpu is not installed; run "npm install/);
    expect(await describeTfjs("gpu")).toMatchObject({ available: false, tfjsVersion: null, reason });
    await expect(start()).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
  });
});

test("a GPU that tfjs-node-gpu finds is described", async () => {
  install(tfjs(true));
  expect(await describeTfjs("gpu")).toEqual({
    available: true,
    package: name,
    tfjsVersion: "4.22.0",
    libtensorflow: "2.9.1",
    gpu: true,
  });
});

test("a tfjs that ends Node is described, not suffered", async () => {
  install(`process.kill(process.pid, "SIGILL"); setTimeout(() => {}, 10_000);`);
  const { available, reason } = await describeTfjs("gpu");
  expect(available).toBe(false);
  expect(reason).toMatch(/ended Node with SIGILL/);
});

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
