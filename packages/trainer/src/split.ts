import { allAttacksText, type FlowLabels } from "@oddflow/evaluation";
import { checkRange, OddflowError, type OptionRange } from "@oddflow/preprocessing";
import { type RandomStream, randomStream, shuffle } from "./random.ts";
import { joinRows } from "./rows.ts";
import { attacksBeside, contaminateWindow, type TrainingWindow } from "./training-window.ts";

/** Row numbers of a table's parts. No row is in two of them. */
export interface Split {
  /** Normal flows, and as many attacks as are asked for; all kinds where there are no labels. */
  readonly train: Uint32Array;
  /**
   * Held-back flows that choose epochs and alert thresholds: normal ones; all kinds where there are no labels, and in the
   * shares of a `TrainingWindow`.
   */
  readonly validation: Uint32Array;
  /** Attacks that help to choose a threshold; empty where there are no labels, or a `TrainingWindow`. */
  readonly validationAttacks: Uint32Array;
  /** Touched once, at the end; empty where there are no labels, unless it was given. */
  readonly test: Uint32Array;
}

/** How many flows each part has. */
export function partSizes({
  train,
  validation,
  validationAttacks,
  test,
}: Split): Record<keyof Split, number> {
  return {
    train: train.length,
    validation: validation.length,
    validationAttacks: validationAttacks.length,
    test: test.length,
  };
}

/** How flows are split into parts. */
export interface SplitOptions {
  readonly seed: number;
  /**
   * Share of the training flows that are attacks, within `ATTACKS_IN_TRAINING`; of no meaning without labels. Where it
   * is absent, `DEFAULT_ATTACKS_IN_TRAINING` or as near to it as the attacks suffice for.
   */
  readonly attacksInTraining?: number | undefined;
  /** Takes the place of `attacksInTraining`: as if the window had been recorded without labels. Of no meaning without labels. */
  readonly window?: TrainingWindow | undefined;
}

/** Makes the parts of some rows of a table. The same rows and options give the same parts. */
export type SplitRule = (rows: Uint32Array, labels: FlowLabels | undefined, options: SplitOptions) => Split;

/** Share of the training flows that are attacks, 0 to 1, where nobody names one and labels are known. */
export const DEFAULT_ATTACKS_IN_TRAINING = 0.05;

/** A share of the flows up to 1, a number of them above. */
export const SUBSET: OptionRange = { above: 0 };

/** Shares of the normal flows. The rest is the test part. */
const TRAIN_SHARE = 0.8;
const VALIDATION_SHARE = 0.1;

/** The training part's share where there are no labels, and no test part that anybody could evaluate. The rest is held back. */
const UNLABELLED_TRAIN_SHARE = 0.85;

/** Where the test part is given: the training part's share of the other normal flows. The rest is the validation part. */
const FIT_TRAIN_SHARE = 0.9;

/** Shares of the attacks. The rest can contaminate the training part. */
const TEST_ATTACKS = 0.4;
const VALIDATION_ATTACKS = 0.1;

/**
 * Splits rows as the reference does: normals 80/10/10, 40 % of the attacks into the test part, attacks in training from the
 * rest. A tenth of the attacks goes to the validation part, for choosing a threshold. Without labels 85/15/0.
 * @throws OddflowError TOO_FEW_FLOWS when there are too few attacks for those in training, LABELS_MISSING when every flow
 * is an attack, OPTION_RANGE for a share of them out of range.
 */
export function splitRows(rows: Uint32Array, labels: FlowLabels | undefined, options: SplitOptions): Split {
  const random = randomStream(options.seed, "split");
  if (labels === undefined) {
    const [train, validation] = cut(shuffle(rows.slice(), random), UNLABELLED_TRAIN_SHARE, 1);
    return { train, validation, validationAttacks: new Uint32Array(), test: new Uint32Array() };
  }
  const { normals, attacks } = shuffledByLabel(rows, labels, random);
  const [usual, validation, testNormals] = cut(normals, TRAIN_SHARE, VALIDATION_SHARE);
  const [testAttacks, validationAttacks, spare] = cut(attacks, TEST_ATTACKS, VALIDATION_ATTACKS);
  const fitted = fitParts({ usual, validation, validationAttacks, spare }, labels, options, random);
  return { ...fitted, test: joinRows(testNormals, testAttacks).sort() };
}

/**
 * Makes a split whose test part is given, such as a later day's flows or another table's: all of `testRows`, in rising
 * order. The normals of `fitRows` are split 90/10 into training and validation part, a tenth of its attacks goes to the
 * validation part, and the attacks in training come from the rest. Without labels all of `fitRows` is split 90/10.
 * @param fitRows has no row of `testRows`
 * @throws OddflowError as `splitRows` does
 */
export function splitFitAndTest(
  fitRows: Uint32Array,
  testRows: Uint32Array,
  labels: FlowLabels | undefined,
  options: SplitOptions,
): Split {
  const random = randomStream(options.seed, "split");
  const test = testRows.slice().sort();
  if (labels === undefined) {
    const [train, validation] = cut(shuffle(fitRows.slice(), random), FIT_TRAIN_SHARE, 1);
    return { train, validation, validationAttacks: new Uint32Array(), test };
  }
  const { normals, attacks } = shuffledByLabel(fitRows, labels, random);
  const [usual, validation] = cut(normals, FIT_TRAIN_SHARE, 1);
  const [validationAttacks, spare] = cut(attacks, VALIDATION_ATTACKS, 1);
  return { ...fitParts({ usual, validation, validationAttacks, spare }, labels, options, random), test };
}

/**
 * Draws a share (above 0, up to 1) or a number (above 1) of rows, the same share of every kind of traffic, at least
 * one of each. Rows come back in rising order.
 * @throws OddflowError OPTION_RANGE for a size that is not above 0.
 */
export function stratifiedSubset(
  rows: number,
  labels: FlowLabels | undefined,
  size: number,
  seed: number,
): Uint32Array {
  checkRange("draw flows: the subset", size, SUBSET);
  const share = Math.min(1, size > 1 ? size / rows : size);
  const kinds = labels?.attackTypes?.codes ?? labels?.isAttack;
  const byKind = new Map<number, number[]>();
  for (let row = 0; row < rows; row++) {
    const kind = kinds?.[row] ?? 0;
    const found = byKind.get(kind);
    if (found) found.push(row);
    else byKind.set(kind, [row]);
  }
  const random = randomStream(seed, "subset");
  const drawn = [...byKind.values()].map((members) =>
    shuffle(Uint32Array.from(members), random).subarray(0, Math.max(1, Math.round(members.length * share))),
  );
  return joinRows(...drawn).sort();
}

function shuffledByLabel(
  rows: Uint32Array,
  labels: FlowLabels,
  random: RandomStream,
): { normals: Uint32Array; attacks: Uint32Array } {
  const normals = shuffle(
    rows.filter((row) => labels.isAttack[row] === 0),
    random,
  );
  if (rows.length > 0 && normals.length === 0) {
    throw new OddflowError("LABELS_MISSING", `split: the labels ${allAttacksText(labels)}`);
  }
  const attacks = shuffle(
    rows.filter((row) => labels.isAttack[row] !== 0),
    random,
  );
  return { normals, attacks };
}

/** The rows of the fitted side, still apart. */
interface FitRows {
  readonly usual: Uint32Array;
  readonly validation: Uint32Array;
  readonly validationAttacks: Uint32Array;
  readonly spare: Uint32Array;
}

function fitParts(
  { usual, validation, validationAttacks, spare }: FitRows,
  labels: FlowLabels,
  { attacksInTraining, window }: SplitOptions,
  random: RandomStream,
): Omit<Split, "test"> {
  if (window === undefined) {
    return {
      train: shuffle(contaminate(usual, spare, attacksInTraining), random),
      validation,
      validationAttacks,
    };
  }
  const rows = { train: usual, validation, spare: joinRows(validationAttacks, spare) };
  const parts = contaminateWindow(rows, labels, window, random);
  return {
    train: shuffle(parts.train, random),
    validation: shuffle(parts.validation, random),
    validationAttacks: new Uint32Array(),
  };
}

/** Normal flows and as many of the spare attacks as are asked for, or as there are where nobody asks. */
function contaminate(usual: Uint32Array, spare: Uint32Array, asked: number | undefined): Uint32Array {
  const share = asked ?? DEFAULT_ATTACKS_IN_TRAINING;
  const wanted = attacksBeside(usual.length, share);
  if (asked !== undefined && wanted > spare.length) {
    throw new OddflowError(
      "TOO_FEW_FLOWS",
      `split: a share of ${share} attacks in training needs ${wanted} attacks beside ${usual.length} normal training flows; ` +
        `${spare.length} are left after the validation and test parts took theirs; use a lower share`,
    );
  }
  return joinRows(usual, spare.subarray(0, wanted));
}

function cut(rows: Uint32Array, first: number, second: number): [Uint32Array, Uint32Array, Uint32Array] {
  const a = Math.round(rows.length * first);
  const b = a + Math.round(rows.length * second);
  return [rows.subarray(0, a), rows.subarray(a, b), rows.subarray(b)];
}
