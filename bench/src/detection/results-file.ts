import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { CaseResult } from "./case-result.ts";
import type { Loss, MeanRank } from "./mean-ranks.ts";
import type { PeerVersions } from "./peers.ts";
import type { ThresholdResult } from "./run-table.ts";
import type { Verdict } from "./targets.ts";

/** Every figure of a run, and what it was had with. */
export interface DetectionResults {
  readonly date: string;
  /** As they were typed. */
  readonly options: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly node: string;
  };
  /** What trained Oddflow. */
  readonly engine: string;
  readonly peerVersions: PeerVersions;
  readonly cases: readonly (CaseResult & { readonly thresholds: readonly ThresholdResult[] })[];
  readonly skippedCases: readonly SkippedCase[];
  readonly meanRanks: { readonly clean: readonly MeanRank[]; readonly contaminated: readonly MeanRank[] };
  readonly losses: readonly Loss[];
  readonly targets: readonly Verdict[];
}

/** Or a table: what is not on this machine, or what the table cannot fill. */
export interface SkippedCase {
  readonly name: string;
  readonly why: string;
}

export function describeMachine(): DetectionResults["machine"] {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.versions.node,
  };
}

/**
 * Writes `bench/results/<date>-detection<suffix>.json`. A run of a part has a suffix, so that it leaves the day's whole
 * run alone.
 * @returns the file's path from the working directory
 */
export async function writeResults(results: DetectionResults, suffix: string): Promise<string> {
  const name = `${results.date}-detection${suffix}.json`;
  const path = fileURLToPath(new URL(`../../results/${name}`, import.meta.url));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(results, null, 2)}\n`);
  return relative(process.cwd(), path);
}
