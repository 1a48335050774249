import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import type { ScoreCalendar, TrainingRecord } from "@oddflow/detector";
import { onnxruntimeVersion } from "@oddflow/inference/node";
import type { TrainingEngine } from "./engine.ts";
import { partSizes, type Split } from "./split.ts";
import type { EpochRecord, Schedule, TrainedNetwork } from "./train-network.ts";
import type { TrainedNetworks } from "./train-networks.ts";
import type { FlowDataset, TrainingOptions } from "./training-options.ts";

/** What took the training steps. */
export interface EngineRecord {
  readonly name: string;
  readonly provider: string;
  readonly runsOn: string;
}

/** What a training came to. */
export interface TrainingOutcome {
  readonly split: Split;
  readonly trained: TrainedNetworks;
  /** As it was followed, defaults included. */
  readonly schedule: Schedule;
  /** What scores are held against; absent where it is nothing. */
  readonly calendar?: ScoreCalendar | undefined;
}

export async function describeEngine(engine: TrainingEngine): Promise<EngineRecord> {
  return { name: engine.name, provider: engine.provider, runsOn: await engine.describe() };
}

/**
 * Takes down what a training starts from, before the flows are recoded; the returned function adds what it came to.
 * The data hash is SHA-256 over the column codings (JSON) and the encoded flows, so the same table read again gives
 * the same hash whatever its file format. No times are taken down: the same training gives the same file.
 */
export function trainingRecord(
  { columns, flows, labels }: FlowDataset,
  engine: EngineRecord,
  { flows: selection, detector, run }: TrainingOptions,
): (outcome: TrainingOutcome) => TrainingRecord {
  const hash = createHash("sha256").update(JSON.stringify(columns));
  hash.update(new Uint8Array(flows.buffer, flows.byteOffset, flows.byteLength));
  const dataHash = hash.digest("hex");
  return ({ split, trained: { main, mainFlows, usual, plantedLeft }, schedule, calendar }) => ({
    data: {
      sha256: dataHash,
      rows: flows.length / columns.length,
      labelled: labels !== undefined,
      ...(labels?.normal === undefined ? {} : { normal: labels.normal }),
    },
    parts: partSizes(split),
    seed: run.seed,
    protocol: selection.protocol,
    contamination: labels === undefined ? null : attackShare(split.train, labels.isAttack),
    subset: selection.subset ?? null,
    detector: detector.name,
    preprocessing: detector.preprocessing,
    clean: detector.name === "robust" ? detector.clean : "off",
    network: detector.network,
    schedule,
    engine,
    flows: mainFlows,
    ...(plantedLeft === undefined ? {} : { plantedLeft }),
    ...training(main),
    ...(calendar === undefined ? {} : { calendar }),
    ...(usual === undefined ? {} : { usual: { flows: usual.flows, ...training(usual.network) } }),
    versions: { oddflow: packageVersion(), node: process.versions.node, onnxruntime: onnxruntimeVersion() },
  });
}

function training({ epochs, bestEpoch, stopped }: TrainedNetwork): {
  readonly epochs: readonly Omit<EpochRecord, "seconds">[];
  readonly bestEpoch: number;
  readonly stopped: TrainedNetwork["stopped"];
} {
  return { epochs: epochs.map(({ seconds: _, ...epoch }) => epoch), bestEpoch, stopped };
}

function attackShare(rows: Uint32Array, isAttack: Uint8Array): number {
  return rows.filter((row) => isAttack[row] !== 0).length / rows.length;
}

function packageVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)("../package.json");
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
}
