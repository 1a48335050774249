import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { dirname } from "node:path";
import { fromRoot } from "./places.ts";

/** Writes what was counted to `scripts/robustness/results/<date>.json`. @returns its path from the repository's root */
export function writeResults(seed: number, seconds: number, counts: object): string {
  const date = new Date().toISOString().slice(0, 10);
  const path = `scripts/robustness/results/${date}.json`;
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.versions.node,
  };
  mkdirSync(dirname(fromRoot(path)), { recursive: true });
  writeFileSync(fromRoot(path), `${JSON.stringify({ date, seed, seconds, machine, ...counts }, null, 2)}\n`);
  return path;
}
