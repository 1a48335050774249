import { OddflowError } from "@oddflow/preprocessing";
import type { ScoreArray } from "./check-scores.ts";

/** Which type each flow is of, as a category column holds it. The types of normal flows may be named too. */
export interface AttackTypes {
  readonly names: readonly string[];
  /** One per flow: the position of its type in `names`; `names.length` or NaN where the type is not known. */
  readonly codes: Float32Array | Uint8Array | Uint16Array | Uint32Array | Int32Array;
}

/** How many flows are of a type; `name` is null for flows whose type is not known. */
export interface AttackTypeShare {
  readonly name: string | null;
  readonly flows: number;
  /** Of all flows, 0 to 1. */
  readonly share: number;
}

/** Throws OddflowError FLOWS_SHAPE when there is not one code per flow or a code is not one of those above. */
export function checkAttackTypes({ names, codes }: AttackTypes, rows: number): void {
  if (codes.length !== rows) {
    throw new OddflowError(
      "FLOWS_SHAPE",
      `evaluate: ${codes.length} attack-type codes for ${rows} scores; expected one code per score, in the same order`,
    );
  }
  for (let row = 0; row < rows; row++) {
    const code = codes[row] ?? 0;
    const known = Number.isInteger(code) && code >= 0 && code <= names.length;
    if (!known && !Number.isNaN(code)) {
      throw new OddflowError(
        "FLOWS_SHAPE",
        `evaluate: the attack-type code of row ${row} (the first is row 0) is ${code}, ` +
          `expected a whole number from 0 to ${names.length}, the last for a type that is not known, or NaN`,
      );
    }
  }
}

/** Every type that some flow is of, the most frequent first and equals in code order. */
export function attackTypeDistribution(types: AttackTypes): AttackTypeShare[] {
  const flows = countByType(types, () => true);
  return byFrequency(flows).map((type) => ({
    name: types.names[type] ?? null,
    flows: flows[type] ?? 0,
    share: (flows[type] ?? 0) / types.codes.length,
  }));
}

/** Shares (0 to 1) of a type's attacks that are detected. `name` is null for attacks whose type is not known. */
export interface AttackTypeDetection {
  readonly name: string | null;
  readonly attacks: number;
  readonly atThreshold: number | null;
  readonly at1PercentFalseAlarms: number | null;
  readonly at5PercentFalseAlarms: number | null;
}

/** The thresholds of the three detections; where one is null, so is what it detects. */
export type DetectionThresholds = Pick<
  AttackTypeDetection,
  "atThreshold" | "at1PercentFalseAlarms" | "at5PercentFalseAlarms"
>;

/**
 * Every type that some attack is of, the most frequent first and equals in code order. Flows with a 1 in `suppressed` are not detected at the
 * threshold; limits of false alarms are of scores alone.
 */
export function detectionByAttackType(
  types: AttackTypes,
  scores: ScoreArray,
  isAttack: Uint8Array,
  thresholds: DetectionThresholds,
  suppressed?: Uint8Array,
): AttackTypeDetection[] {
  const attacks = countByType(types, (row) => isAttack[row] !== 0);
  const detectedAt = (threshold: number | null, hidden?: Uint8Array): ((type: number) => number | null) => {
    if (threshold === null) return () => null;
    const detected = countByType(
      types,
      (row) => isAttack[row] !== 0 && (scores[row] ?? 0) >= threshold && hidden?.[row] !== 1,
    );
    return (type) => (detected[type] ?? 0) / (attacks[type] ?? 0);
  };
  const atThreshold = detectedAt(thresholds.atThreshold, suppressed);
  const at1Percent = detectedAt(thresholds.at1PercentFalseAlarms);
  const at5Percent = detectedAt(thresholds.at5PercentFalseAlarms);
  return byFrequency(attacks).map((type) => ({
    name: types.names[type] ?? null,
    attacks: attacks[type] ?? 0,
    atThreshold: atThreshold(type),
    at1PercentFalseAlarms: at1Percent(type),
    at5PercentFalseAlarms: at5Percent(type),
  }));
}

/** One count per name, and a last one for flows of no known type. */
function countByType({ names, codes }: AttackTypes, counts: (row: number) => boolean): Uint32Array {
  const flows = new Uint32Array(names.length + 1);
  for (let row = 0; row < codes.length; row++) {
    if (!counts(row)) continue;
    const code = codes[row] ?? 0;
    const type = Number.isNaN(code) ? names.length : code;
    flows[type] = (flows[type] ?? 0) + 1;
  }
  return flows;
}

/** The types that were counted at all, by falling count. */
function byFrequency(flows: Uint32Array): number[] {
  return [...flows.keys()]
    .filter((type) => flows[type] !== 0)
    .sort((a, b) => (flows[b] ?? 0) - (flows[a] ?? 0) || a - b);
}
