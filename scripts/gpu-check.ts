/**
 * Shows whether Oddflow's scorer and trainer run on this machine's GPU, and how fast: holds scores, losses and weights to
 * the CPU's, proves by onnxruntime's profile that the provider ran the matrix products, and times batches of many sizes,
 * beside PyTorch where Python has it. Needs Node, the built packages and what is under node_modules, nothing else.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type ExecutionProvider, onnxruntimeVersion } from "@oddflow/inference/node";
import type { ProviderCheck } from "./gpu-check/check-provider.ts";
import { describeDevice } from "./gpu-check/device.ts";
import { runPytorch } from "./gpu-check/pytorch.ts";
import { formatProvider, formatPytorch } from "./gpu-check/report.ts";

const USAGE = `gpu-check [--provider all|cpu|cuda|webgpu] [--json FILE]
  --provider  what to check; all is the CPU, for comparison, and every GPU provider that can be had (default: all)
  --json      where to write the figures
Exit status 1 when a provider that was asked for cannot be had, gives other numbers than the CPU or did not run.`;

const PROVIDERS: readonly ExecutionProvider[] = ["cpu", "cuda", "webgpu"];

const { values } = parseArgs({
  options: {
    provider: { type: "string", default: "all" },
    json: { type: "string" },
    help: { type: "boolean" },
  },
});
const asked = PROVIDERS.filter((provider) => values.provider === "all" || provider === values.provider);
if (values.help) console.log(USAGE);
else if (asked.length === 0) {
  console.error(`gpu-check: no provider "${values.provider}"\n${USAGE}`);
  process.exitCode = 2;
} else process.exitCode = main() ? 0 : 1;

function main(): boolean {
  const device = describeDevice();
  console.log(`Node ${process.versions.node}, onnxruntime-node ${onnxruntimeVersion()}`);
  console.log(`CPU: ${device.cpu}, ${device.cores} cores`);
  console.log(
    `NVIDIA GPUs: ${device.nvidiaGpus.length === 0 ? "none that nvidia-smi lists" : device.nvidiaGpus.join("; ")}`,
  );
  if (device.vulkanDrivers) console.log(`Vulkan drivers: ${device.vulkanDrivers}`);
  const checks = asked.map((provider) => {
    const check = checkInProcess(provider);
    console.log(`\n${formatProvider(check)}`);
    return check;
  });
  const pytorch = runPytorch();
  console.log(`\n${formatPytorch(pytorch)}`);
  if (values.json !== undefined) {
    const versions = { node: process.versions.node, onnxruntime: onnxruntimeVersion() };
    const results = { date: new Date().toISOString(), versions, device, checks, pytorch };
    writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  }
  const had = checks.filter(({ unavailable }) => unavailable === undefined);
  const wanted = values.provider === "all" ? had.some(({ provider }) => provider !== "cpu") : had.length > 0;
  if (!wanted) console.log("\nFAILED: no GPU provider can be had here");
  return wanted && checks.every(({ failures }) => failures.length === 0);
}

/** In a process of its own, so that a driver that crashes is a failure here and not the end. */
function checkInProcess(provider: ExecutionProvider): ProviderCheck {
  const folder = mkdtempSync(join(tmpdir(), "oddflow-gpu-check-"));
  try {
    const resultFile = join(folder, "result.json");
    const script = fileURLToPath(new URL("gpu-check/check-provider.js", import.meta.url));
    const run = spawnSync(process.execPath, [script, provider, resultFile], { stdio: "inherit" });
    if (existsSync(resultFile)) return JSON.parse(readFileSync(resultFile, "utf8"));
    const ending = run.signal ? `was ended by ${run.signal}` : `exited with ${run.status}`;
    return { provider, failures: [`the process of the check ${ending}`] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
