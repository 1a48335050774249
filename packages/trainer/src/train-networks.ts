import { featureCount, type PreprocessingSpec, refitScales, transformFlows } from "@oddflow/preprocessing";
import { AUTOMATIC_SHARES, CORE_RULES, type CoreRule, coreRows } from "./cleaning/core-rows.ts";
import { drawEvenly } from "./cleaning/oddest-rows.ts";
import type { Cleaning } from "./detector.ts";
import type { TrainingEngine } from "./engine.ts";
import { relativeView, whitenedView } from "./error-view.ts";
import type { DetectorNetwork } from "./export-detector.ts";
import { networkShape } from "./network.ts";
import { randomStream } from "./random.ts";
import { residuals } from "./reconstruction.ts";
import { gatherRows } from "./rows.ts";
import { type Schedule, type TrainedNetwork, trainNetwork } from "./train-network.ts";
import type { DetectorOptions, RunOptions } from "./training-options.ts";

/** A detector whose schedule is decided. */
export interface ScheduledDetector extends DetectorOptions {
  readonly schedule: Schedule;
}

/** Encoded flows, row-major `[rows, columns]`, coded by the spec. */
export interface EncodedParts {
  readonly train: Float32Array;
  readonly validation: Float32Array;
}

/** A network that was trained on the flows that one rule found usual. */
export interface CoreNetwork {
  readonly rule: CoreRule;
  /** How many of the training flows it was trained on. */
  readonly flows: number;
  readonly network: TrainedNetwork;
}

export interface TrainedNetworks {
  /** Trained on all training flows. */
  readonly main: TrainedNetwork;
  readonly cores: readonly CoreNetwork[];
  /** What makes up the detector, the main network first. */
  readonly networks: readonly DetectorNetwork[];
}

/** Below this many training flows there is no telling a rare kind of usual traffic from an attack. */
const FEWEST_TO_CLEAN = 500;

/** Flows that usual errors are taken from; more would not change their means. */
const FLOWS_FOR_USUAL_ERRORS = 50_000;

/**
 * Trains the networks of a detector: one on all training flows and, for the robust detector, one on each core of them
 * (see `Cleaning`). A core's features are standardised on the core. Interrupted, those that are finished make up the
 * detector, and the first one as far as it got.
 * @throws what `trainNetwork` throws.
 */
export async function trainNetworks(
  engine: TrainingEngine,
  spec: PreprocessingSpec,
  parts: EncodedParts,
  detector: ScheduledDetector,
  run: RunOptions,
): Promise<TrainedNetworks> {
  const columns = spec.columns.length;
  const rows = parts.train.length / columns;
  const robust = detector.name === "robust";
  const rules = robust && detector.clean !== "off" && rows >= FEWEST_TO_CLEAN ? CORE_RULES : [];
  const train = (own: PreprocessingSpec, flows: Float32Array, number: number): Promise<TrainedNetwork> =>
    trainNetwork(
      engine,
      { train: transformFlows(own, flows), validation: transformFlows(own, parts.validation) },
      {
        shape: networkShape(featureCount(own), detector.network),
        schedule: detector.schedule,
        seed: run.seed,
        onProgress: (progress) =>
          run.onProgress?.({ ...progress, network: number, networks: 1 + rules.length }),
        signal: run.signal,
      },
    );
  const usualResiduals = (own: PreprocessingSpec, { weights }: TrainedNetwork, flows: Float32Array) => {
    const drawn = drawEvenly(
      flows.length / columns,
      FLOWS_FOR_USUAL_ERRORS,
      randomStream(run.seed, "usual errors"),
    );
    return residuals(weights, transformFlows(own, gatherRows(flows, columns, drawn)), featureCount(own));
  };

  const main = await train(spec, parts.train, 1);
  const { weights } = main;
  if (!robust) return { main, cores: [], networks: [{ weights, spec, views: [{ kind: "squared" }] }] };
  const left = await usualResiduals(spec, main, parts.train);
  const views = [await relativeView(spec, left), await whitenedView(spec, left)];
  const networks: DetectorNetwork[] = [{ weights, spec, views }];
  const cores: CoreNetwork[] = [];
  const features = rules.length > 0 ? transformFlows(spec, parts.train) : new Float32Array();
  for (const rule of rules) {
    if (run.signal?.aborted) break;
    const share = coreShare(detector.clean, rule);
    const kept = await coreRows(features, featureCount(spec), columns, { rule, share, seed: run.seed });
    const flows = gatherRows(parts.train, columns, kept);
    const own = refitScales(spec, flows);
    const network = await train(own, flows, 2 + cores.length);
    if (network.stopped === "interrupted") break;
    const view = await relativeView(own, await usualResiduals(own, network, flows));
    networks.push({ weights: network.weights, spec: own, views: [view] });
    cores.push({ rule, flows: kept.length, network });
  }
  return { main, cores, networks };
}

function coreShare(clean: Cleaning, rule: CoreRule): number {
  return typeof clean === "number" ? clean : AUTOMATIC_SHARES[rule];
}
