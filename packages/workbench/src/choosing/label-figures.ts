import { readLabels } from "@oddflow/evaluation";
import { isNoLabel, normalLabels } from "@oddflow/preprocessing";

/** What flows are labelled as. */
interface Labels {
  readonly names: readonly string[];
}

/** Of each kind of label: its flows and how many of them are alarms. */
export interface LabelCount {
  readonly name: string;
  readonly flows: number;
  readonly alarms: number;
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
export function patternsFor({ names }: Labels, trained: readonly string[]): readonly string[] {
  return names.some(normalLabels(trained)) ? trained : [];
}

/**
 * Of each label 1 where it is an attack's, by the rules of the commands: a flow without a label is normal. Undefined where no label
 * says anything.
 * @param normal which labels are normal, as `normalLabels` takes them
 */
export function attackLabels({ names }: Labels, normal: readonly string[]): Uint8Array | undefined {
  const coding = { kind: "category", name: "label", valueType: "text", vocabulary: names } as const;
  return readLabels({ attackType: { coding, codes: Float32Array.from(names.keys()) } }, normal)?.isAttack;
}

/** The labels that say something. */
export function tellingLabels({ names }: Labels): readonly string[] {
  return names.filter((name) => !isNoLabel(name));
}

/** The labels that flows have, the most frequent first; `flows` and `alarms` are counts in the order of the names. */
export function countLabels({ names }: Labels, flows: Uint32Array, alarms: Uint32Array): LabelCount[] {
  return names
    .map((name, code) => ({ name, flows: flows[code] as number, alarms: alarms[code] as number }))
    .filter((count) => count.flows > 0)
    .sort((a, b) => b.flows - a.flows);
}

/** @param flows of each label, as `alarms` among them and `isAttack` are */
export function labelFigures(flows: Uint32Array, alarms: Uint32Array, isAttack: Uint8Array): LabelFigures {
  const counts = { attacks: 0, attacksFound: 0, normals: 0, falseAlarms: 0 };
  flows.forEach((count, code) => {
    const attack = isAttack[code] === 1;
    counts[attack ? "attacks" : "normals"] += count;
    counts[attack ? "attacksFound" : "falseAlarms"] += alarms[code] as number;
  });
  return counts;
}
