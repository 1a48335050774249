import { type CategoryCoding, examplePattern, isNoLabel, normalLabels } from "@oddflow/preprocessing";
import type { AttackTypes } from "./attack-types.ts";

/** What is known of each flow; used to choose training flows and to evaluate, never by the network. */
export interface FlowLabels {
  /** One a flow: 0 is normal, 1 an attack. */
  readonly isAttack: Uint8Array;
  readonly attackTypes?: AttackTypes;
  /** Patterns that named the normal kinds; absent where the usual words told them. */
  readonly normal?: readonly string[];
}

/** Label columns as a table scan gives them. */
export interface LabelColumns {
  /** Kinds of traffic: a category column's codes, NaN where it is null. */
  readonly attackType?: { readonly coding: CategoryCoding; readonly codes: Float32Array };
  /** 0 is normal, anything else an attack, NaN where it is null. */
  readonly binary?: Float32Array;
}

/**
 * Reads labels from label columns; the binary one decides where there are both. A flow without a label counts as
 * normal, but when no flow has one the answer is undefined: a table with an empty label column is unlabelled.
 * @param normal which kinds of traffic are normal, as `normalLabels` takes it; with patterns, kinds decide and numbers do not
 */
export function readLabels(
  { attackType, binary }: LabelColumns,
  normal: readonly string[] = [],
): FlowLabels | undefined {
  const says = attackType?.coding.vocabulary.map((name) => !isNoLabel(name)) ?? [];
  const types = attackType?.codes.some((code) => !Number.isNaN(code) && says[code] !== false)
    ? { names: attackType.coding.vocabulary, codes: attackType.codes }
    : undefined;
  const attackTypes = types ? { attackTypes: types } : {};
  if (normal.length === 0 && binary?.some((value) => !Number.isNaN(value))) {
    return {
      isAttack: Uint8Array.from(binary, (value) => (value !== 0 && !Number.isNaN(value) ? 1 : 0)),
      ...attackTypes,
    };
  }
  if (types === undefined) return undefined;
  const isNormal = normalLabels(normal);
  const usual = types.names.map((name) => isNormal(name) || isNoLabel(name));
  const isAttack = Uint8Array.from(types.codes, (code) => (Number.isNaN(code) || usual[code] ? 0 : 1));
  return { isAttack, ...attackTypes, ...(normal.length > 0 ? { normal } : {}) };
}

/** As many kinds as a message names. */
const NAMED_KINDS = 8;

/** Why labels leave no flow that is normal, and what can be done, in words: what follows "the labels". */
export function allAttacksText({ isAttack, attackTypes, normal }: FlowLabels): string {
  const kinds = attackTypes?.names ?? ["1"];
  const example = examplePattern(kinds) ?? "normal*";
  const known =
    normal === undefined
      ? "normal flows are called normal, benign, background or none, or have a label of 0; "
      : `--normal says that ${normal.map((pattern) => `'${pattern}'`).join(", ")} are normal; `;
  const shown = kinds.slice(0, NAMED_KINDS).join(", ");
  return (
    `call every one of ${isAttack.length} flows an attack (kinds: ${shown}${kinds.length > NAMED_KINDS ? ", ..." : ""}); ${known}` +
    `name others with --normal, such as --normal '${example}' (* stands for any letters)`
  );
}

/** The labels of some rows, in the order in which they are named. */
export function pickLabels({ isAttack, attackTypes, ...told }: FlowLabels, rows: Uint32Array): FlowLabels {
  const picked = { ...told, isAttack: Uint8Array.from(rows, (row) => isAttack[row] ?? 0) };
  if (attackTypes === undefined) return picked;
  const codes = Float32Array.from(rows, (row) => attackTypes.codes[row] ?? Number.NaN);
  return { ...picked, attackTypes: { names: attackTypes.names, codes } };
}

/** The labels of one table's flows followed by another's; kinds of the same name are one. */
export function joinLabels(first: FlowLabels, second: FlowLabels): FlowLabels {
  const rows = first.isAttack.length + second.isAttack.length;
  const isAttack = new Uint8Array(rows);
  isAttack.set(first.isAttack);
  isAttack.set(second.isAttack, first.isAttack.length);
  const normal = first.normal === undefined ? {} : { normal: first.normal };
  if (first.attackTypes === undefined && second.attackTypes === undefined) return { isAttack, ...normal };
  const names = [...new Set([...(first.attackTypes?.names ?? []), ...(second.attackTypes?.names ?? [])])];
  const codeOf = new Map(names.map((name, code) => [name, code]));
  const codes = new Float32Array(rows).fill(Number.NaN);
  const add = (types: AttackTypes | undefined, from: number): void => {
    for (let row = 0; row < (types?.codes.length ?? 0); row++) {
      codes[from + row] = codeOf.get(types?.names[types.codes[row] ?? 0] ?? "") ?? Number.NaN;
    }
  };
  add(first.attackTypes, 0);
  add(second.attackTypes, first.isAttack.length);
  return { isAttack, attackTypes: { names, codes }, ...normal };
}
