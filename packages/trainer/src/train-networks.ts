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
import type { TrainingEngine } from "./engine.ts";
import { errorLimits } from "./error-limits.ts";
import { whitenedView } from "./error-view.ts";
import { networkShape } from "./network.ts";
import { drawEvenly, randomStream } from "./random.ts";
import { residuals } from "./reconstruction.ts";
import { mapRows } from "./row-graph.ts";
import { gatherRows } from "./rows.ts";
import { type Schedule, type TrainedNetwork, trainNetwork } from "./train-network.ts";
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

/** Flows that usual errors are taken from; more would not change their means. */
const FLOWS_FOR_USUAL_ERRORS = 50_000;

/**
 * Trains the networks of a detector: one on all training flows or, for the robust detector, one on the usual ones and a few of
 * every other kind, and one on the usual ones alone (see `findUsualFlows`). Features are standardised on the usual flows for
 * both, so that a flow's features are made once. Interrupted, those that are finished make up the detector, and the first one as far
 * as it got.
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
  const networks = found === undefined ? 1 : 2;
  const usual = found === undefined ? train : gatherRows(train, columns, found.usual);
  const varied = found === undefined ? train : gatherRows(train, columns, found.varied);
  const own = found === undefined ? spec : refitScales(spec, usual);
  const heldBack = transformFlows(own, validation);
  const trainOne = (flows: Float32Array, network: number): Promise<TrainedNetwork> =>
    trainNetwork(
      engine,
      { train: transformFlows(own, flows), validation: heldBack },
      {
        shape: networkShape(featureCount(own), detector.network),
        schedule: detector.schedule,
        seed: run.seed,
        onProgress: (progress) => run.onProgress?.({ ...progress, network, networks }),
        signal: run.signal,
      },
    );
  const drawnFeatures = (flows: Float32Array): Float32Array => {
    const rows = flows.length / columns;
    const drawn = drawEvenly(rows, FLOWS_FOR_USUAL_ERRORS, randomStream(run.seed, "usual errors"));
    return transformFlows(own, gatherRows(flows, columns, drawn));
  };
  const withView = async ({ weights }: TrainedNetwork, flows: Float32Array): Promise<DetectorNetwork> => {
    if (!isRobust) return { weights, view: { kind: "squared" } };
    const left = await residuals(weights, drawnFeatures(flows), featureCount(own));
    return { weights, view: await whitenedView(own, left) };
  };
  const partsOf = async (...networks: DetectorNetwork[]): Promise<DetectorParts> => {
    if (!isRobust) return { networks };
    const errors = await mapRows(drawnFeatures(usual), featureCount(own), columns, (graph, features) =>
      addDetectorErrors(graph, own, features, { networks }),
    );
    return { networks, limits: errorLimits(errors, columns) };
  };

  const main = await trainOne(varied, 1);
  const result = {
    main,
    mainFlows: varied.length / columns,
    spec: own,
    ...(plantedLeft === undefined ? {} : { plantedLeft }),
  };
  const first = await withView(main, varied);
  if (found === undefined || run.signal?.aborted) return { ...result, parts: await partsOf(first) };
  const network = await trainOne(usual, 2);
  if (network.stopped === "interrupted") return { ...result, parts: await partsOf(first) };
  const parts = await partsOf(first, await withView(network, usual));
  return { ...result, usual: { flows: found.usual.length, network }, parts };
}
