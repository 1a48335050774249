import type { FlowLabels } from "@oddflow/evaluation";
import { checkRange, OddflowError, type OptionRange } from "@oddflow/preprocessing";
import { type RandomStream, shuffle } from "./random.ts";
import { joinRows } from "./rows.ts";

/** Attacks as a window of unlabelled traffic has them: among the training flows and among the held-back ones alike. */
export interface TrainingWindow {
  /** Share of the window's flows that are attacks, within `ATTACKS_IN_TRAINING`. */
  readonly contamination: number;
  /**
   * "random": drawn from the attacks of every kind and source. "bulk": of one kind and of as few sources as suffice, as a
   * flood, a scan or a beacon leaves them. The seed draws the kind, among those of which there are enough. Its sources come
   * by their number of flows, the largest first, and of the last one its first flows in the table's order.
   */
  readonly mix: "random" | "bulk";
  /**
   * One number a row of the table, the same for flows of the same source, such as the code of an address; NaN where it
   * is not known. Without it "bulk" takes flows of the kind that follow each other in the table.
   */
  readonly sources?: ArrayLike<number> | undefined;
}

/** The normal flows of a window and the attacks that it may have; row numbers. */
export interface WindowRows {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
  readonly spare: Uint32Array;
}

/** The share of attacks among training flows that can be asked for. */
export const ATTACKS_IN_TRAINING: OptionRange = { from: 0, to: 0.2 };

/**
 * Puts attacks among a window's flows.
 * @throws OddflowError TOO_FEW_FLOWS when there are too few attacks, OPTION_RANGE for a contamination out of range.
 */
export function contaminateWindow(
  { train, validation, spare }: WindowRows,
  labels: FlowLabels,
  window: TrainingWindow,
  random: RandomStream,
): { train: Uint32Array; validation: Uint32Array } {
  const { contamination, mix, sources } = window;
  const amongTraining = attacksBeside(train.length, contamination);
  const wanted = amongTraining + attacksBeside(validation.length, contamination);
  const drawn =
    mix === "random"
      ? shuffle(spare.slice(), random)
      : shuffle(bulkAttacks(spare, labels, { wanted, sources }, random), random);
  if (drawn.length < wanted) {
    throw new OddflowError(
      "TOO_FEW_FLOWS",
      `split: a contamination of ${contamination} needs ${wanted} attacks ${mix === "bulk" ? "of one kind " : ""}beside ` +
        `${train.length + validation.length} normal flows; ${drawn.length} are left after the test part took its own; ` +
        "use a lower contamination",
    );
  }
  return {
    train: joinRows(train, drawn.subarray(0, amongTraining)),
    validation: joinRows(validation, drawn.subarray(amongTraining, wanted)),
  };
}

/**
 * How many attacks make up such a share beside so many normal flows.
 * @throws OddflowError OPTION_RANGE for a share out of `ATTACKS_IN_TRAINING`.
 */
export function attacksBeside(normals: number, share: number): number {
  checkRange("split: the share of attacks in training", share, ATTACKS_IN_TRAINING);
  return Math.round((normals * share) / (1 - share));
}

interface BulkRequest {
  readonly wanted: number;
  readonly sources: ArrayLike<number> | undefined;
}

/** The wanted number of attacks of one kind, or, where no kind has so many, all of the kind that has the most. */
function bulkAttacks(
  spare: Uint32Array,
  labels: FlowLabels,
  { wanted, sources }: BulkRequest,
  random: RandomStream,
): Uint32Array {
  const { attackTypes } = labels;
  const rows = spare.slice().sort();
  const kinds = [...groupRows(rows, (row) => attackTypes?.codes[row] ?? 0)]
    .sort(([a], [b]) => compareCodes(a, b))
    .map(([, members]) => members);
  const enough = kinds.filter((members) => members.length >= wanted);
  const members = enough[random.below(enough.length)];
  if (members === undefined) {
    return kinds.reduce((most, kind) => (kind.length > most.length ? kind : most), new Uint32Array());
  }
  if (sources === undefined) {
    const first = random.below(members.length - wanted + 1);
    return members.slice(first, first + wanted);
  }
  // Sorting is stable: of sources with as many flows the one that is met first comes first.
  const bySource = [...groupRows(members, (row) => sources[row] ?? Number.NaN).values()].sort(
    (a, b) => b.length - a.length,
  );
  return joinRows(...bySource).slice(0, wanted);
}

/** Rows by a number, NaN as one of its own; groups in the order in which they are met, rows in theirs. */
function groupRows(rows: Uint32Array, keyOf: (row: number) => number): Map<number, Uint32Array> {
  const groups = new Map<number, number[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const members = groups.get(key);
    if (members) members.push(row);
    else groups.set(key, [row]);
  }
  return new Map([...groups].map(([key, members]) => [key, Uint32Array.from(members)]));
}

/** By value, NaN last. */
function compareCodes(a: number, b: number): number {
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || a - b;
}
