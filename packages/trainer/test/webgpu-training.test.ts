import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeProviders, PROVIDER_NAMES, readNodeRuns } from "@oddflow/inference/node";
import {
  createOnnxEngine,
  DEFAULT_OPTIMISER,
  initialWeights,
  type NetworkWeights,
  networkShape,
} from "@oddflow/trainer";
import { expect, test } from "vitest";
import { rowNumbers } from "./engine-suite.ts";

// Without a GPU, Chromium's SwiftShader will do: VK_DRIVER_FILES names its vk_swiftshader_icd.json, as in .ci/run.
const webgpu = (await describeProviders()).find(({ provider }) => provider === "webgpu");
if (!webgpu?.available) console.warn(`webgpu: SKIPPED, because ${webgpu?.reason}`);

const FEATURES = 8;
const BATCH = 16;
const STEPS = 6;

/** Adam's first steps are g / |g|, which jumps at 0, where a latent bias's gradient is: this epsilon makes it smooth. */
const OPTIMISER = { ...DEFAULT_OPTIMISER, epsilon: 1e-3 };

/** Two calls of `train`, so that state is carried over within a call and from call to call. */
async function train(
  options: Parameters<typeof createOnnxEngine>[0],
): Promise<{ losses: number[]; weights: NetworkWeights; untouched: NetworkWeights }> {
  const shape = networkShape(FEATURES, { hidden: [16], latent: 8, dropout: [0.25] });
  const features = Float32Array.from(
    { length: STEPS * BATCH * FEATURES },
    (_, i) => Math.sin(i * 1.7) + Math.cos(i * i),
  );
  const untouched = initialWeights(shape, 5);
  const start = { shape, weights: untouched, features, optimiser: OPTIMISER, seed: 2 };
  const run = await createOnnxEngine(options).start(start);
  const rows = rowNumbers(STEPS * BATCH);
  const half = rows.length / 2;
  const losses = [
    ...(await run.train(rows.subarray(0, half), BATCH, 1e-2)),
    ...(await run.train(rows.subarray(half), BATCH, 1e-2)),
  ];
  const weights = await run.weights();
  await run.close();
  return { losses, weights, untouched };
}

/** All numbers of a network, layer after layer. */
function numbers(weights: NetworkWeights): number[] {
  return weights.flatMap((layer) =>
    Object.values(layer).flatMap((part) => (part instanceof Float32Array ? [...part] : [])),
  );
}

test.skipIf(!webgpu?.available)(
  "webgpu takes the CPU's steps, dropout and all, and runs the products itself, by its profile",
  { timeout: 180_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "oddflow-profile-"));
    const profile = join(folder, "train");
    const onCpu = await train({ provider: "cpu", threads: 1 });
    const onGpu = await train({ provider: "webgpu", profile });
    const products = readNodeRuns(profile).filter(({ operator }) => /MatMul|Gemm/.test(operator));
    rmSync(folder, { recursive: true });

    // float32 sums in another order differ by about 1e-6, and every step builds on the one before.
    expect(onGpu.losses).toHaveLength(STEPS);
    for (const [step, loss] of onCpu.losses.entries()) {
      expect(Math.abs((onGpu.losses[step] ?? Infinity) / loss - 1)).toBeLessThan(1e-5);
    }
    const [wanted, found, before] = [onCpu.weights, onGpu.weights, onCpu.untouched].map(numbers);
    const furthest = (from: number[] = [], to: number[] = []): number =>
      from.reduce((most, value, i) => Math.max(most, Math.abs(value - (to[i] ?? Infinity))), 0);
    // Six steps at a rate of 0.01 move a weight by up to 0.06.
    expect(furthest(wanted, before)).toBeGreaterThan(0.03);
    expect(furthest(wanted, found)).toBeLessThan(1e-5);

    expect(products.length).toBeGreaterThanOrEqual(8 * STEPS);
    expect(new Set(products.map(({ provider }) => provider))).toEqual(new Set([PROVIDER_NAMES.webgpu]));
  },
);
