import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createScorer,
  describeProviders,
  openNodeSession,
  PROVIDER_NAMES,
  readNodeRuns,
  Tensor,
} from "@oddflow/inference/node";
import { expect, test } from "vitest";

// Without a GPU, Chromium's SwiftShader will do: VK_DRIVER_FILES names its vk_swiftshader_icd.json, as in .ci/run.
const webgpu = (await describeProviders()).find(({ provider }) => provider === "webgpu");
if (!webgpu?.available) console.warn(`webgpu: SKIPPED, because ${webgpu?.reason}`);

const model = readFileSync(new URL("../../../fixtures/unsw-nb15.onnx", import.meta.url));
const FLOWS = 60;

/** Flows of all sorts: usual values, huge ones, infinite ones and what float32 cannot hold, missing ones, unseen categories. */
function makeFlows(columns: number): Float32Array {
  return Float32Array.from({ length: FLOWS * columns }, (_, i) => {
    const value = ((i * 2_654_435_761) % 1_000_003) / 1000;
    if (i % 23 === 0) return Number.NaN;
    if (i % 41 === 0) return [Infinity, -Infinity, 1e39, 3e38, -3e38][(i / 41) % 5] ?? 0;
    return i % 7 === 0 ? value * 1e6 : i % 3 === 0 ? Math.floor(value) % 4 : value;
  });
}

test.skipIf(!webgpu?.available)(
  "webgpu gives the CPU's scores and column errors to 1e-4, and runs all of the model itself, by its profile",
  { timeout: 180_000 },
  async () => {
    const onCpu = await createScorer(model, { provider: "cpu", threads: 1 });
    const onGpu = await createScorer(model, { provider: "webgpu" });
    expect(onGpu.provider).toBe("webgpu");
    const columns = onCpu.columns.length;
    const flows = makeFlows(columns);
    const wanted = await onCpu.score(flows, { errors: true });
    const found = await onGpu.score(flows, { errors: true });
    expect(worst(wanted.scores, found.scores)).toBeLessThan(1e-4);
    expect(worst(wanted.errors, found.errors)).toBeLessThan(1e-4);
    expect(new Set(wanted.scores).size).toBeGreaterThan(FLOWS / 2);

    const folder = mkdtempSync(join(tmpdir(), "oddflow-profile-"));
    const profile = join(folder, "score");
    const session = await openNodeSession(model, "webgpu", undefined, { profile });
    await session.run({ flows: new Tensor("float32", flows, [FLOWS, columns]) }, ["score"]);
    await session.release();
    const runs = readNodeRuns(profile);
    rmSync(folder, { recursive: true });
    expect(runs.filter(({ operator }) => operator === "Gemm").length).toBeGreaterThanOrEqual(8);
    expect(new Set(runs.map(({ provider }) => provider))).toEqual(new Set([PROVIDER_NAMES.webgpu]));
    await onCpu.close();
    await onGpu.close();
  },
);

/** The greatest difference, relative where the CPU's value is above 1. */
function worst(wanted?: Float32Array, found?: Float32Array): number {
  return (wanted ?? Float32Array.of(1)).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (found?.[i] ?? Infinity)) / Math.max(1, value)),
    0,
  );
}
