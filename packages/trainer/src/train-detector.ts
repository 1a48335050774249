import { createScorer } from "@oddflow/inference/node";
import {
  parseDetectorMetadata,
  readModelSummary,
  summariseScores,
  type Thresholds,
  thresholdForBudget,
} from "@oddflow/onnx";
import {
  featureCount,
  featureWidth,
  fitPreprocessing,
  OddflowError,
  type PreprocessingSpec,
  recodeFlows,
  transformFlows,
} from "@oddflow/preprocessing";
import { relativeErrorRule, type ScoreRule } from "./detector.ts";
import type { TrainingEngine } from "./engine.ts";
import { type EvaluationReport, evaluateScores, rocCurve, youdenThreshold } from "./evaluation/index.ts";
import { exportDetector } from "./export-detector.ts";
import type { FlowLabels } from "./labels.ts";
import { networkShape } from "./network.ts";
import { featureErrors } from "./reconstruction.ts";
import { type Split, splitRows, stratifiedSubset } from "./split.ts";
import { DEFAULT_SCHEDULE, defaultEpochs, type TrainedNetwork, trainNetwork } from "./train-network.ts";
import type { FlowDataset, Protocol, TrainDetectorOptions } from "./training-options.ts";
import { describeEngine, trainingRecord } from "./training-record.ts";

export interface TrainedDetector {
  /** The model file. */
  readonly model: Uint8Array;
  readonly spec: PreprocessingSpec;
  readonly thresholds: Thresholds;
  readonly network: TrainedNetwork;
  /** How many flows each part had. */
  readonly parts: Readonly<Record<keyof Split, number>>;
  /** Of the test part; absent when the table has no labels. */
  readonly evaluation?: EvaluationReport;
}

/** The share of usual flows that may raise an alarm when nobody says otherwise. */
export const DEFAULT_BUDGET = 0.01;

/**
 * Splits, fits, trains, exports, sets thresholds and evaluates. The scores behind thresholds and evaluation come from
 * the exported model itself, opened as a user opens it.
 * @throws OddflowError OPTION_RANGE for a contamination out of range, LABELS_MISSING when the reference protocol has
 * no labels, TOO_FEW_FLOWS when a part would be empty.
 */
export async function trainDetector(
  dataset: FlowDataset,
  engine: TrainingEngine,
  options: TrainDetectorOptions,
): Promise<TrainedDetector> {
  const { columns, flows, labels } = dataset;
  checkOptions(dataset, options);
  const record = trainingRecord(dataset, await describeEngine(engine), options);
  const rows = stratifiedSubset(flows.length / columns.length, labels, options.subset ?? 1, options.seed);
  const split = splitRows(rows, labels, options);
  const fitted = options.protocol === "reference" ? rows : split.train;
  const spec = fitPreprocessing({ columns, flows }, options.preprocessing, fitted);
  recodeFlows(flows, columns, spec.columns);
  const gather = (part: Uint32Array): Float32Array => gatherRows(flows, columns.length, part);
  const train = transformFlows(spec, gather(split.train));
  const schedule = { ...DEFAULT_SCHEDULE, epochs: defaultEpochs(split.train.length), ...options.schedule };
  const network = await trainNetwork(
    engine,
    { train, validation: transformFlows(spec, gather(split.validation)) },
    {
      shape: networkShape(featureCount(spec), options.network),
      schedule,
      seed: options.seed,
      ...(options.onProgress ? { onProgress: options.onProgress } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    },
  );
  const rule: ScoreRule =
    options.detector === "reference"
      ? { kind: "squared-error" }
      : relativeErrorRule(
          columnErrors(spec, await featureErrors(network.weights, train, featureCount(spec))),
        );
  const training = record({ split, network, rule, schedule });
  const draft = exportDetector(network.weights, rule, { spec, thresholds: NO_THRESHOLDS, training });
  const scorer = await createScorer(draft, { provider: "cpu" });
  try {
    const score = async (part: Uint32Array): Promise<Float32Array> =>
      (await scorer.score(gather(part))).scores;
    const thresholds = chooseThresholds(await score(split.validation), await score(split.validationAttacks));
    const evaluation =
      labels &&
      split.test.length > 0 &&
      evaluateTestPart(labels, split.test, await score(split.test), thresholds, options.protocol);
    const model = exportDetector(network.weights, rule, { spec, thresholds, training });
    // A file that could not be opened must not be the result of a training.
    parseDetectorMetadata(readModelSummary(model));
    return {
      model,
      spec,
      thresholds,
      network,
      parts: {
        train: split.train.length,
        validation: split.validation.length,
        validationAttacks: split.validationAttacks.length,
        test: split.test.length,
      },
      ...(evaluation ? { evaluation } : {}),
    };
  } finally {
    await scorer.close();
  }
}

/** Sums the errors of each column's features. */
function columnErrors(spec: PreprocessingSpec, errors: Float64Array): Float64Array {
  let feature = 0;
  return Float64Array.from(spec.columns, (column) => {
    const first = feature;
    feature += featureWidth(column);
    return errors.subarray(first, feature).reduce((sum, error) => sum + error, 0);
  });
}

/** Stands in while the scores that thresholds are made of are not known yet. */
const NO_THRESHOLDS: Thresholds = { heldBack: { flows: 0, probabilities: [0], scores: [0] } };

function checkOptions({ labels }: FlowDataset, { contamination, protocol }: TrainDetectorOptions): void {
  if (contamination !== undefined && !(contamination >= 0 && contamination <= 0.2)) {
    throw new OddflowError(
      "OPTION_RANGE",
      `train: a contamination of ${contamination} found; expected 0 to 0.2`,
    );
  }
  if (labels === undefined && protocol === "reference") {
    throw new OddflowError(
      "LABELS_MISSING",
      "train: the reference protocol needs labels to tell normal flows from attacks, and the table has none; " +
        "name the label column with --role COLUMN=label, or use the default protocol",
    );
  }
}

function chooseThresholds(usual: Float32Array, attacks: Float32Array): Thresholds {
  const heldBack = summariseScores(usual);
  if (attacks.length === 0) return { heldBack };
  const scores = new Float32Array(usual.length + attacks.length);
  scores.set(usual);
  scores.set(attacks, usual.length);
  const isAttack = new Uint8Array(scores.length).fill(1, usual.length);
  const { threshold } = youdenThreshold(rocCurve(scores, isAttack));
  // Infinity where flagging nothing is best: then there is no threshold worth keeping.
  return Number.isFinite(threshold) ? { heldBack, youden: threshold } : { heldBack };
}

function evaluateTestPart(
  labels: FlowLabels,
  test: Uint32Array,
  scores: Float32Array,
  thresholds: Thresholds,
  protocol: Protocol,
): EvaluationReport {
  const types = labels.attackTypes;
  return evaluateScores({
    scores,
    isAttack: Uint8Array.from(test, (row) => labels.isAttack[row] ?? 0),
    ...(types
      ? {
          attackTypes: {
            names: types.names,
            codes: Float32Array.from(test, (row) => types.codes[row] ?? Number.NaN),
          },
        }
      : {}),
    threshold:
      protocol === "reference"
        ? undefined
        : (thresholds.youden ?? thresholdForBudget(thresholds.heldBack, DEFAULT_BUDGET)),
  });
}

function gatherRows(flows: Float32Array, width: number, rows: Uint32Array): Float32Array {
  const gathered = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    gathered.set(flows.subarray(row * width, (row + 1) * width), i * width);
  });
  return gathered;
}
