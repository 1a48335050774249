import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, relative } from "node:path";
import type { ComparedBuild } from "./against/comparison.ts";
import { type DetectionResults, describeMachine } from "./detection/results-file.ts";
import { fromRoot } from "./inputs.ts";
import type { Measurement } from "./measurement.ts";
import type { Recorder } from "./recorder.ts";
import { type TargetResult, targetResults } from "./targets.ts";

/** What a run of the bench leaves behind. */
export interface BenchResults {
  readonly date: string;
  /** The section that was asked for; absent when all ran. */
  readonly only?: string;
  readonly seconds: number;
  readonly machine: DetectionResults["machine"];
  /** Libraries that ran. */
  readonly versions: Readonly<Record<string, string>>;
  /** What the flows are. */
  readonly data: string;
  readonly measurements: readonly Measurement[];
  /** The build that it was compared with. */
  readonly against?: ComparedBuild;
  /** Those that this run measured. */
  readonly targets: readonly TargetResult[];
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
}

const DATA =
  "fixtures/flows.parquet (24,000 synthetic flows), resampled with jitter by scripts/make-flows.ts, seed 1, to the sizes that " +
  "each case says";

/** Packages whose speed is measured here, and where their pinned versions are written. */
const PINNED = { inference: ["onnxruntime-node", "onnxruntime-web"], tables: ["@duckdb/node-api"] };

interface RunDescription {
  /** By `performance.now()`. */
  readonly began: number;
  readonly only: string | undefined;
  readonly against: ComparedBuild | undefined;
}

export async function summariseRun(
  recorder: Recorder,
  { began, only, against }: RunDescription,
): Promise<BenchResults> {
  const { measurements, figures, skipped } = recorder;
  return {
    date: new Date().toISOString().slice(0, 10),
    ...(only === undefined ? {} : { only }),
    seconds: Math.round((performance.now() - began) / 1000),
    machine: describeMachine(),
    versions: { ...(await pinnedVersions()), ...recorder.versions },
    data: DATA,
    measurements,
    ...(against === undefined ? {} : { against }),
    targets: targetResults(figures),
    skipped,
  };
}

/**
 * Writes `bench/results/<date>-<cpu>.json`; a run of one section has the section's name at the end.
 * @returns the file's path from the working directory
 */
export async function writeResults(results: BenchResults): Promise<string> {
  const cpu = results.machine.cpu
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  const suffix = results.only === undefined ? "" : `-only-${results.only}`;
  const path = fromRoot(`bench/results/${results.date}-${cpu}${suffix}.json`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(results, null, 2)}\n`);
  return relative(process.cwd(), path);
}

async function pinnedVersions(): Promise<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const [folder, names] of Object.entries(PINNED)) {
    const text = await readFile(fromRoot(`packages/${folder}/package.json`), "utf8");
    const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
    for (const name of names) versions[name] = dependencies[name] ?? "unknown";
  }
  return versions;
}
