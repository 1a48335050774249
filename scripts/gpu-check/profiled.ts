import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ExecutionProvider, PROVIDER_NAMES, readNodeRuns } from "@oddflow/inference/node";

/** Where the nodes of a graph ran, by onnxruntime's own profile. */
export interface Proof {
  /** Whether there are matrix products, and the provider that was asked for ran every one of them. */
  readonly proven: boolean;
  readonly products: number;
  /** Of each provider: how many nodes it ran, copies between devices left out. */
  readonly nodes: Readonly<Record<string, number>>;
  /** Operators that the CPU ran instead. */
  readonly onCpu: readonly string[];
}

/** `use` opens a session with the profile that it is given, runs it and releases it. */
export async function prove(
  provider: ExecutionProvider,
  use: (profile: string) => Promise<void>,
): Promise<Proof> {
  const folder = mkdtempSync(join(tmpdir(), "oddflow-gpu-check-"));
  try {
    const profile = join(folder, "profile");
    await use(profile);
    const runs = readNodeRuns(profile).filter(({ operator }) => !/^Memcpy/.test(operator));
    const products = runs.filter(({ operator }) => /MatMul|Gemm/.test(operator));
    const nodes: Record<string, number> = {};
    for (const run of runs) nodes[run.provider] = (nodes[run.provider] ?? 0) + 1;
    const elsewhere = provider === "cpu" ? [] : runs.filter((run) => run.provider === PROVIDER_NAMES.cpu);
    return {
      proven: products.length > 0 && products.every((run) => run.provider === PROVIDER_NAMES[provider]),
      products: products.length,
      nodes,
      onCpu: [...new Set(elsewhere.map(({ operator }) => operator))].sort(),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
