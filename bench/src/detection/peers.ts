import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Split } from "@oddflow/trainer";
import type { TableFlows } from "./table-flows.ts";

/** In the order in which they run. */
export const PEER_NAMES = [
  "isolation-forest",
  "pca",
  "lof",
  "knn",
  "inne",
  "ecod",
  "copod",
  "hbos",
  "loda",
  "autoencoder",
] as const;
export type PeerName = (typeof PEER_NAMES)[number];

const SCRIPT = fileURLToPath(new URL("../../peers/detection/score_peers.py", import.meta.url));
const FOLDERS = fileURLToPath(new URL("../../data/detection", import.meta.url));

/** What one detector made of one split, or why it did nothing. */
export type DetectorRun =
  | { readonly name: string; readonly skipped: string }
  | {
      readonly name: string;
      /** One a test row, higher is odder. */
      readonly scores: Float32Array;
      readonly settings: string;
      readonly fitSeconds: number;
      readonly scoreSeconds: number;
    };

/** Of Python and its packages; null for one that is not installed. */
export type PeerVersions = Readonly<Record<string, string | null>>;

export interface PeerRuns {
  /** Absent when Python could not be started. */
  readonly versions?: PeerVersions;
  /** For each seed a run of each peer. */
  readonly bySeed: ReadonlyMap<number, readonly DetectorRun[]>;
}

/** `peers.json`, as the script writes it. */
interface PeerRecord {
  readonly versions: PeerVersions;
  readonly peers: Readonly<
    Record<string, { skipped: string } | { settings: string; fitSeconds: number; scoreSeconds: number }>
  >;
}

/**
 * Fits and scores with peers on every seed's split, in as many processes of `ODDFLOW_PYTHON`, or of python3, as there are
 * cores; each computes on one thread.
 * @throws Error when the script fails.
 */
export async function runPeers(
  tableName: string,
  caseName: string,
  flows: TableFlows,
  splits: ReadonlyMap<number, Split>,
  peers: readonly PeerName[],
): Promise<PeerRuns> {
  const flowsPath = join(FOLDERS, tableName, "flows.f32");
  await mkdir(dirname(flowsPath), { recursive: true });
  await writeFile(flowsPath, flows.dataset.flows);
  const folders = new Map<number, string>();
  for (const [seed, split] of splits) {
    const folder = join(FOLDERS, tableName, caseName, `seed-${seed}`);
    await writeSplit(folder, flowsPath, flows, split, seed);
    folders.set(seed, folder);
  }
  const processes = Math.min(folders.size, availableParallelism());
  const failures = await Promise.all(
    Array.from({ length: processes }, (_, k) =>
      runScript(
        [...folders.values()].filter((_, i) => i % processes === k),
        peers,
      ),
    ),
  );
  const failure = failures.find((found) => found !== undefined);
  const bySeed = new Map<number, readonly DetectorRun[]>();
  if (failure !== undefined) {
    for (const seed of splits.keys()) {
      bySeed.set(
        seed,
        peers.map((name) => ({ name, skipped: failure })),
      );
    }
    return { bySeed };
  }
  let versions: PeerVersions = {};
  for (const [seed, folder] of folders) {
    const record = JSON.parse(await readFile(join(folder, "peers.json"), "utf8")) as PeerRecord;
    versions = record.versions;
    bySeed.set(seed, await Promise.all(peers.map((name) => readRun(folder, name, record))));
  }
  return { versions, bySeed };
}

/** Writes what the script reads: the flows and one seed's rows, without labels. */
async function writeSplit(
  folder: string,
  flowsPath: string,
  { dataset }: TableFlows,
  split: Split,
  seed: number,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { columns, flows } = dataset;
  const rows = flows.length / columns.length;
  const description = { seed, rows, columns, flows: relative(folder, flowsPath) };
  await writeFile(join(folder, "case.json"), `${JSON.stringify(description, null, 2)}\n`);
  await writeFile(join(folder, "train.u32"), split.train);
  await writeFile(join(folder, "test.u32"), split.test);
}

/** Resolves to why Python cannot be started, or to undefined when the script did its work. */
function runScript(folders: readonly string[], peers: readonly PeerName[]): Promise<string | undefined> {
  const python = process.env["ODDFLOW_PYTHON"] ?? "python3";
  const child = spawn(python, [SCRIPT, "--only", peers.join(","), ...folders], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
  });
  return new Promise((resolve, reject) => {
    child.on("error", ({ message }) => resolve(`${python} cannot be started (${message})`));
    child.on("exit", (code, signal) => {
      if (code === 0) resolve(undefined);
      else reject(new Error(`bench: ${python} ${SCRIPT} ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}

async function readRun(folder: string, name: PeerName, record: PeerRecord): Promise<DetectorRun> {
  const run = record.peers[name];
  if (run === undefined) throw new Error(`bench: ${folder} has no scores of ${name}`);
  if ("skipped" in run) return { name, ...run };
  const bytes = await readFile(join(folder, `${name}.f32`));
  // Copied, since the bytes can lie at any place of a shared buffer.
  return { name, scores: new Float32Array(Uint8Array.from(bytes).buffer), ...run };
}
