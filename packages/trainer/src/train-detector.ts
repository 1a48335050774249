import {
  DEFAULT_BUDGET,
  parseDetectorMetadata,
  profileFlows,
  summariseColumnErrors,
  summariseScores,
  type Thresholds,
  type TrainingRecord,
  thresholdForBudget,
} from "@oddflow/detector";
import {
  type EvaluationReport,
  evaluateScores,
  type FlowLabels,
  pickLabels,
  rocCurve,
  youdenThreshold,
} from "@oddflow/evaluation";
import { createScorer } from "@oddflow/inference/node";
import { readModelSummary } from "@oddflow/onnx";
import {
  checkRange,
  fitPreprocessing,
  OddflowError,
  type PreprocessingSpec,
  recodeFlows,
} from "@oddflow/preprocessing";
import { fitDetectorCalendar } from "./calendar/detector-calendar.ts";
import { pickEndpoints } from "./cleaning/host-groups.ts";
import { checkCleaning, defaultEpochs } from "./detector.ts";
import type { TrainingEngine } from "./engine.ts";
import { exportDetector } from "./export-detector.ts";
import { checkNetwork } from "./network.ts";
import { gatherRows } from "./rows.ts";
import { partSizes, type Split, SUBSET, splitRows, stratifiedSubset } from "./split.ts";
import { checkSchedule, DEFAULT_SCHEDULE, type TrainedNetwork } from "./train-network.ts";
import { type TrainedNetworks, trainNetworks } from "./train-networks.ts";
import { type FlowDataset, type Protocol, SEED, type TrainingOptions } from "./training-options.ts";
import { describeEngine, trainingRecord } from "./training-record.ts";
import { ATTACKS_IN_TRAINING } from "./training-window.ts";

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

/** A detector as it comes from training. */
export interface TrainedDetector {
  /** The model file. */
  readonly model: Uint8Array;
  readonly spec: PreprocessingSpec;
  readonly thresholds: Thresholds;
  readonly training: TrainingRecord;
  /** The first of its networks. */
  readonly network: TrainedNetwork;
  /** What its networks learned from. */
  readonly learned: Pick<TrainedNetworks, "mainFlows" | "usual" | "plantedLeft">;
  readonly split: Split;
  /** How many flows each part had. */
  readonly parts: Readonly<Record<keyof Split, number>>;
  /** The validation part, whose scores the thresholds are made of. */
  readonly heldBack: ScoredPart;
  /** Of no flow when the table has no labels. */
  readonly test: ScoredPart;
  /** Of the test part; absent when the table has no labels. */
  readonly evaluation?: EvaluationReport;
}

/**
 * Splits, fits, trains, exports, sets thresholds and evaluates. The scores behind thresholds and evaluation come from
 * the exported model itself, opened as a user opens it.
 * @throws OddflowError OPTION_RANGE for an option out of its range, LABELS_MISSING when the reference protocol or a share
 * of attacks in training has no labels, TOO_FEW_FLOWS when a part would be empty.
 */
export async function trainDetector(
  dataset: FlowDataset,
  engine: TrainingEngine,
  options: TrainingOptions,
): Promise<TrainedDetector> {
  const { columns, flows, labels, context, times } = dataset;
  checkOptions(dataset, options);
  const { flows: selection, detector, run } = options;
  const record = trainingRecord(dataset, await describeEngine(engine), options);
  const rows = stratifiedSubset(flows.length / columns.length, labels, selection.subset ?? 1, run.seed);
  const split = (selection.split ?? splitRows)(rows, labels, {
    seed: run.seed,
    attacksInTraining: selection.attacksInTraining,
  });
  const fittedRows = selection.protocol === "reference" ? rows : split.train;
  const matrix = { columns, flows, ...(context === undefined ? {} : { context }) };
  const fittedSpec = fitPreprocessing(matrix, detector.preprocessing, fittedRows);
  recodeFlows(flows, columns, fittedSpec.columns);
  const gather = (part: Uint32Array): Float32Array => gatherRows(flows, columns.length, part);
  const schedule = {
    ...DEFAULT_SCHEDULE,
    epochs: defaultEpochs(detector.name, split.train.length),
    ...detector.schedule,
  };
  const parts = { train: gather(split.train), validation: gather(split.validation) };
  const encoded = { ...parts, endpoints: dataset.endpoints && pickEndpoints(dataset.endpoints, split.train) };
  const trained = await trainNetworks(engine, fittedSpec, encoded, { ...detector, schedule }, run);
  const { main, mainFlows, usual, plantedLeft, spec } = trained;
  const outcome = { split, trained, schedule };
  const drafted = { spec, thresholds: NO_THRESHOLDS, training: record(outcome) };
  const fitted =
    times &&
    (await fitDetectorCalendar(
      exportDetector(trained.parts, drafted),
      spec,
      parts.validation,
      Float64Array.from(split.validation, (row) => times[row] as number),
    ));
  const training = record({ ...outcome, calendar: fitted?.calendar });
  const draft = exportDetector(trained.parts, { ...drafted, training }, fitted?.calendar);
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
      ...chooseThresholds(fitted?.scores ?? heldBack.scores, attacks.scores),
      columnErrors: summariseColumnErrors(heldBack.columnErrors, columns.length),
    };
    const test = await score(split.test);
    const evaluation =
      labels &&
      test.rows.length > 0 &&
      evaluateTestPart(labels, test.rows, test.scores, thresholds, selection.protocol);
    const profile = profileFlows(spec.columns, parts.train);
    const model = exportDetector(trained.parts, { spec, thresholds, profile, training }, fitted?.calendar);
    // A file that could not be opened must not be the result of a training.
    parseDetectorMetadata(readModelSummary(model));
    return {
      model,
      spec,
      thresholds,
      training,
      split,
      network: main,
      learned: { mainFlows, ...(usual ? { usual } : {}), ...(plantedLeft ? { plantedLeft } : {}) },
      parts: partSizes(split),
      heldBack,
      test,
      ...(evaluation ? { evaluation } : {}),
    };
  } finally {
    await scorer.close();
  }
}

/** Stands in while the scores that thresholds are made of are not known yet. */
const NO_THRESHOLDS: Thresholds = { heldBack: { flows: 1, probabilities: [0], scores: [0] } };

/** Whatever is out of range is refused before anything is read or fitted. */
function checkOptions({ labels }: FlowDataset, { flows, detector, run }: TrainingOptions): void {
  const { attacksInTraining, protocol, subset } = flows;
  if (subset !== undefined) checkRange("train: the subset", subset, SUBSET);
  if (attacksInTraining !== undefined) {
    checkRange("train: the share of attacks in training", attacksInTraining, ATTACKS_IN_TRAINING);
  }
  checkCleaning(detector.clean);
  checkNetwork(detector.network);
  checkSchedule(detector.schedule);
  checkRange("train: the seed", run.seed, SEED);
  if (attacksInTraining !== undefined && labels === undefined) {
    throw new OddflowError(
      "LABELS_MISSING",
      `train: a share of ${attacksInTraining} attacks in training needs labels, and the flows have none; ` +
        "name the label column with --role COLUMN=label, or leave the share out",
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
  return evaluateScores({
    scores,
    ...pickLabels(labels, test),
    threshold:
      protocol === "reference"
        ? undefined
        : (thresholds.youden ?? thresholdForBudget(thresholds.heldBack, DEFAULT_BUDGET)),
  });
}
