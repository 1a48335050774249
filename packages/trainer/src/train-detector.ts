import {
  DEFAULT_BUDGET,
  parseDetectorMetadata,
  profileFlows,
  summariseColumnErrors,
  summariseScores,
  type Thresholds,
  thresholdForBudget,
} from "@oddflow/detector";
import {
  type EvaluationReport,
  evaluateScores,
  type FlowLabels,
  rocCurve,
  youdenThreshold,
} from "@oddflow/evaluation";
import { createScorer } from "@oddflow/inference/node";
import { readModelSummary } from "@oddflow/onnx";
import { fitPreprocessing, OddflowError, type PreprocessingSpec, recodeFlows } from "@oddflow/preprocessing";
import { defaultEpochs } from "./detector.ts";
import type { TrainingEngine } from "./engine.ts";
import { exportDetector } from "./export-detector.ts";
import { gatherRows } from "./rows.ts";
import { type Split, splitRows, stratifiedSubset } from "./split.ts";
import { DEFAULT_SCHEDULE, type TrainedNetwork } from "./train-network.ts";
import { type CoreNetwork, trainNetworks } from "./train-networks.ts";
import type { FlowDataset, Protocol, TrainDetectorOptions } from "./training-options.ts";
import { describeEngine, trainingRecord } from "./training-record.ts";

/** Some flows of the table, scored by the model. */
export interface ScoredPart {
  /** Row numbers in the table. */
  readonly rows: Uint32Array;
  /** Row-major `[rows, columns]`, coded by the model's spec. */
  readonly flows: Float32Array;
  readonly scores: Float32Array;
  /** Row-major `[rows, columns]`. */
  readonly columnErrors: Float32Array;
}

export interface TrainedDetector {
  /** The model file. */
  readonly model: Uint8Array;
  readonly spec: PreprocessingSpec;
  readonly thresholds: Thresholds;
  /** The network that was trained on all training flows. */
  readonly network: TrainedNetwork;
  readonly cores: readonly CoreNetwork[];
  /** How many flows each part had. */
  readonly parts: Readonly<Record<keyof Split, number>>;
  readonly test: ScoredPart;
  /** Of the test part; absent when the table has no labels. */
  readonly evaluation?: EvaluationReport;
}

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
  const split = options.split ?? splitRows(rows, labels, options);
  const fitted = options.protocol === "reference" ? rows : split.train;
  const spec = fitPreprocessing({ columns, flows }, options.preprocessing, fitted);
  recodeFlows(flows, columns, spec.columns);
  const gather = (part: Uint32Array): Float32Array => gatherRows(flows, columns.length, part);
  const schedule = {
    ...DEFAULT_SCHEDULE,
    epochs: defaultEpochs(options.detector, split.train.length),
    ...options.schedule,
  };
  const parts = { train: gather(split.train), validation: gather(split.validation) };
  const { main, cores, networks } = await trainNetworks(engine, spec, parts, options, schedule);
  const training = record({ split, main, cores, schedule });
  const draft = exportDetector(networks, { spec, thresholds: NO_THRESHOLDS, training });
  const scorer = await createScorer(draft, { provider: "cpu" });
  try {
    const score = async (part: Uint32Array): Promise<ScoredPart> => {
      const flows = gather(part);
      const { scores, errors = new Float32Array() } = await scorer.score(flows, { errors: true });
      return { rows: part, flows, scores, columnErrors: errors };
    };
    const heldBack = await score(split.validation);
    const attacks = await score(split.validationAttacks);
    const thresholds = {
      ...chooseThresholds(heldBack.scores, attacks.scores),
      columnErrors: summariseColumnErrors(heldBack.columnErrors, columns.length),
    };
    const test = await score(split.test);
    const evaluation =
      labels &&
      test.rows.length > 0 &&
      evaluateTestPart(labels, test.rows, test.scores, thresholds, options.protocol);
    const profile = profileFlows(spec.columns, parts.train);
    const model = exportDetector(networks, { spec, thresholds, profile, training });
    // A file that could not be opened must not be the result of a training.
    parseDetectorMetadata(readModelSummary(model));
    return {
      model,
      spec,
      thresholds,
      network: main,
      cores,
      parts: {
        train: split.train.length,
        validation: split.validation.length,
        validationAttacks: split.validationAttacks.length,
        test: split.test.length,
      },
      test,
      ...(evaluation ? { evaluation } : {}),
    };
  } finally {
    await scorer.close();
  }
}

/** Stands in while the scores that thresholds are made of are not known yet. */
const NO_THRESHOLDS: Thresholds = { heldBack: { flows: 1, probabilities: [0], scores: [0] } };

function checkOptions({ labels }: FlowDataset, { contamination, protocol }: TrainDetectorOptions): void {
  if (contamination !== undefined && !(contamination >= 0 && contamination <= 0.2)) {
    throw new OddflowError(
      "OPTION_RANGE",
      `train: a contamination of ${contamination} found; expected 0 to 0.2`,
    );
  }
  if (contamination !== undefined && labels === undefined) {
    throw new OddflowError(
      "LABELS_MISSING",
      `train: a contamination of ${contamination} needs labels, and the flows have none; ` +
        "name the label column with --role COLUMN=label, or leave the contamination out",
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
