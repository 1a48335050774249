import { mkdirSync, writeFileSync } from "node:fs";
import { fromRoot } from "./inputs.ts";

/**
 * Writes every figure of a bench into `bench/results/<date>-<name>.json`.
 * @returns the file's path from the repository's root
 */
export function writeDated(name: string, results: unknown): string {
  mkdirSync(fromRoot("bench/results"), { recursive: true });
  const path = `bench/results/${new Date().toISOString().slice(0, 10)}-${name}.json`;
  writeFileSync(fromRoot(path), `${JSON.stringify(results, null, 2)}\n`);
  return path;
}
