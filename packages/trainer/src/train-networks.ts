import {
  type Endpoints,
  featureCount,
  type PreprocessingSpec,
  refitScales,
  transformFlows,
} from "@oddflow/preprocessing";
import { leftOfPlanted, type PlantedLeft } from "./cleaning/planted-attacks.ts";
import { findUsualFlows } from "./cleaning/usual-flows.ts";
import { addDetectorErrors, type DetectorNetwork, type DetectorParts } from "./detector-errors.ts";
import { drawnFeatures, type NetworkTask } from "./detector-network.ts";
import type { TrainingEngine } from "./engine.ts";
import { errorLimits } from "./error-limits.ts";
import { networkShape } from "./network.ts";
import { mapRows } from "./row-graph.ts";
import { gatherRows } from "./rows.ts";
import { trainAtATime, trainInTurn } from "./train-at-a-time.ts";
import type { Schedule, TrainedNetwork } from "./train-network.ts";
import type { DetectorOptions, RunOptions } from "./training-options.ts";

/** A detector whose schedule is decided. */
export interface ScheduledDetector extends DetectorOptions {
  readonly schedule: Schedule;
}

/** Encoded flows, row-major `[rows, columns]`, coded by the spec. */
export interface EncodedFlows {
  readonly train: Float32Array;
  readonly validation: Float32Array;
  /** Of the training flows, where they are known. */
  readonly endpoints?: Endpoints | undefined;
}

/** The network that was trained on the flows that were found usual. */
export interface UsualNetwork {
  /** How many of the training flows it was trained on. */
  readonly flows: number;
  readonly network: TrainedNetwork;
}

/** The networks of a detector, as they come from training. */
export interface TrainedNetworks {
  /** Trained on all training flows, or on all kinds of them where some were left out. */
  readonly main: TrainedNetwork;
  /** How many of the training flows the main network was trained on. */
  readonly mainFlows: number;
  /** Absent where nothing was left out, and where it was interrupted. */
  readonly usual?: UsualNetwork;
  /** Of attacks that were planted among the training flows, what would be learned from; absent where nothing was left out. */
  readonly plantedLeft?: PlantedLeft;
  /** The model's, with the scales of the usual flows where some were left out. */
  readonly spec: PreprocessingSpec;
  /** What makes up the detector, the main network first. */
  readonly parts: DetectorParts;
}

/**
 * Trains the networks of a detector: one on all training flows or, for the robust detector, one on the usual ones and a few of
 * every other kind, and one on the usual ones alone (see `findUsualFlows`); both at a time where the engine says so. Features are
 * standardised on the usual flows for both, so that a flow's features are made once. Interrupted, those that are finished make up the
 * detector, and the first one as far as it got.
 * @throws OddflowError TOO_FEW_FLOWS, OPTION_RANGE, as `trainNetwork` does
 */
export async function trainNetworks(
  engine: TrainingEngine,
  spec: PreprocessingSpec,
  { train, validation, endpoints }: EncodedFlows,
  detector: ScheduledDetector,
  run: RunOptions,
): Promise<TrainedNetworks> {
  const columns = spec.columns.length;
  const isRobust = detector.name === "robust";
  const cleaning = { clean: detector.clean, endpoints, seed: run.seed };
  const found = isRobust ? await findUsualFlows(spec, train, cleaning) : undefined;
  const plantedLeft = found && (await leftOfPlanted(spec, train, cleaning));
  const own = found === undefined ? spec : refitScales(spec, gatherRows(train, columns, found.usual));
  const width = featureCount(own);
  const isAtATime =
    found !== undefined && (engine.isForThreads?.(networkShape(width, detector.network)) ?? false);
  const all = Uint32Array.from({ length: train.length / columns }, (_, row) => row);
  const main: NetworkTask = {
    spec: own,
    features: transformFlows(own, train, isAtATime ? sharedFloats(all.length * width) : undefined),
    rows: found?.varied ?? all,
    validation: transformFlows(own, validation),
    network: detector.network,
    schedule: detector.schedule,
    seed: run.seed,
    view: isRobust ? "whitened" : "squared",
  };
  const usual: NetworkTask = { ...main, rows: found?.usual ?? all };
  const tasks = found === undefined ? [main] : [main, usual];
  const [first, second] = await (isAtATime ? trainAtATime : trainInTurn)(engine, tasks, run);
  if (first === undefined) throw new Error("train: no network was trained");
  const isWhole = second !== undefined && second.trained.stopped !== "interrupted";
  const networks = (isWhole ? [first, second] : [first]).map(
    ({ trained, view }): DetectorNetwork => ({ weights: trained.weights, view }),
  );
  return {
    main: first.trained,
    mainFlows: main.rows.length,
    spec: own,
    parts: isRobust ? { networks, limits: await limitsOf(usual, networks) } : { networks },
    ...(plantedLeft === undefined ? {} : { plantedLeft }),
    ...(isWhole ? { usual: { flows: usual.rows.length, network: second.trained } } : {}),
  };
}

/** The limits of columns' errors, by the usual flows. */
async function limitsOf(usual: NetworkTask, networks: readonly DetectorNetwork[]): Promise<Float32Array> {
  const { spec } = usual;
  const columns = spec.columns.length;
  const errors = await mapRows(drawnFeatures(usual), featureCount(spec), columns, (graph, features) =>
    addDetectorErrors(graph, spec, features, { networks }),
  );
  return errorLimits(errors, columns);
}

/** Numbers that several threads see. */
function sharedFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}
