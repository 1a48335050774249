import { readLabels, rocAuc, rocCurve } from "@oddflow/evaluation";
import { isNoLabel, normalLabels } from "@oddflow/preprocessing";

/** What each flow is labelled as: `names[codes[row]]`. */
export interface LabelledRows {
  readonly names: readonly string[];
  readonly codes: Uint16Array;
}

/** How well alarms tell attacks from normal flows. */
export interface LabelFigures {
  readonly attacks: number;
  readonly attacksFound: number;
  readonly normals: number;
  readonly falseAlarms: number;
}

/** Patterns as `--normal` takes them, from a line with commas between them. */
export function patternsOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== "");
}

/** The patterns that a model was trained with, where a table has such labels: as `oddflow evaluate` takes them. */
export function patternsFor({ names }: LabelledRows, trained: readonly string[]): readonly string[] {
  return names.some(normalLabels(trained)) ? trained : [];
}

/**
 * Of each label 1 where it is an attack's, by the rules of the commands: a flow without a label is normal. Undefined where no label
 * says anything.
 * @param normal which labels are normal, as `normalLabels` takes them
 */
export function attackLabels({ names }: LabelledRows, normal: readonly string[]): Uint8Array | undefined {
  const coding = { kind: "category", name: "label", valueType: "text", vocabulary: names } as const;
  return readLabels({ attackType: { coding, codes: Float32Array.from(names.keys()) } }, normal)?.isAttack;
}

/** The labels that say something. */
export function tellingLabels({ names }: LabelledRows): readonly string[] {
  return names.filter((name) => !isNoLabel(name));
}

/** @param rows in falling order of their scores; the first `alarms` of them are alarms */
export function labelFigures(
  { codes }: LabelledRows,
  isAttack: Uint8Array,
  rows: Uint32Array,
  alarms: number,
): LabelFigures {
  const counts = { attacks: 0, attacksFound: 0, normals: 0, falseAlarms: 0 };
  rows.forEach((row, place) => {
    const attack = isAttack[codes[row] as number] === 1;
    counts[attack ? "attacks" : "normals"]++;
    if (place < alarms) counts[attack ? "attacksFound" : "falseAlarms"]++;
  });
  return counts;
}

/** Area under the ROC curve of some rows; NaN where all are attacks or none is. */
export function labelRocAuc(
  { codes }: LabelledRows,
  isAttack: Uint8Array,
  rows: Uint32Array,
  scores: Float32Array,
): number {
  const own = Float32Array.from(rows, (row) => scores[row] as number);
  const attacks = Uint8Array.from(rows, (row) => isAttack[codes[row] as number] as number);
  return attacks.includes(1) && attacks.includes(0) ? rocAuc(rocCurve(own, attacks)) : Number.NaN;
}
