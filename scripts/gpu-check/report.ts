import type { ProviderCheck } from "./check-provider.ts";
import type { Proof } from "./profiled.ts";
import type { PytorchPeer } from "./pytorch.ts";
import { count, type Timing, type Timings } from "./sizes.ts";

/** The checks of one provider as text. */
export function formatProvider(check: ProviderCheck): string {
  const { provider, unavailable, failures, scoring, training } = check;
  if (unavailable !== undefined) return `${provider}: not here: ${unavailable}`;
  const lines = [`${provider}: ${failures.length === 0 ? "as it should be" : "FAILED"}`];
  for (const failure of failures) lines.push(`  FAILED: ${failure}`);
  if (scoring !== undefined) {
    const { flowsCompared, worstScore, worstColumnError, proof, gpuMemory, throughput } = scoring;
    lines.push(
      `  scores of ${count(flowsCompared)} flows: within ${small(worstScore)} of the CPU's, column errors ${small(worstColumnError)}`,
      `  scoring ran ${formatProof(proof)}`,
      ...(gpuMemory === undefined ? [] : [`  GPU memory taken by the open scorer: ${count(gpuMemory)} MiB`]),
      ...formatTimings("scoring", throughput),
    );
  }
  if (training !== undefined) {
    const { worstLoss, worstWeight, proof, throughput } = training;
    lines.push(
      `  training steps: losses within ${small(worstLoss)} of the CPU's, weights ${small(worstWeight)}`,
      `  training ran ${formatProof(proof)}`,
      ...formatTimings("training", throughput),
    );
  }
  return lines.join("\n");
}

/** PyTorch's figures as text. */
export function formatPytorch(peer: PytorchPeer): string {
  if ("skipped" in peer) return `PyTorch: SKIPPED, because ${peer.skipped}`;
  return [
    `PyTorch ${peer.torch}, eager, on ${peer.device}`,
    ...formatTimings("scoring", { timings: peer.scoring, notes: [] }),
    ...formatTimings("training", { timings: peer.training, notes: [] }),
  ].join("\n");
}

function formatProof({ products, nodes, onCpu }: Proof): string {
  const where = Object.entries(nodes).map(([provider, runs]) => `${count(runs)} nodes on ${provider}`);
  const rest = onCpu.length === 0 ? "" : `; on the CPU instead: ${onCpu.join(", ")}`;
  return `${where.join(", ")}, ${count(products)} of them matrix products${rest}`;
}

function formatTimings(what: string, { timings, notes }: Timings): string[] {
  const line = ({ batch, flowsPerSecond }: Timing): string =>
    `  ${what}, batch ${count(batch).padStart(9)}: ${count(flowsPerSecond).padStart(11)} flows/s`;
  return [...timings.map(line), ...notes.map((note) => `  ${what}: ${note}`)];
}

function small(value: number): string {
  return value.toExponential(1);
}
