import { type ColumnCoding, contextWords } from "@oddflow/preprocessing";
import { rocAuc, rocCurve } from "./roc-curve.ts";

/** How well a column tells attacks from normal flows by itself. */
export interface ColumnSeparation {
  readonly column: string;
  /** 0.5 to 1: the ROC-AUC of its values in the direction that tells more. */
  readonly rocAuc: number;
}

/** A column that tells the labels this well by itself tells more of how a data set was made than of a detector. */
export const LEAK_ROC_AUC = 0.95;

/** Flows in memory, as a scan or a model's rows code them. */
export interface CodedFlows {
  readonly columns: readonly ColumnCoding[];
  /** Row-major `[rows, columns]`; a missing value is NaN. */
  readonly flows: Float32Array;
}

/** So many flows of each class tell a column's area to about a thousandth. */
const MOST_OF_CLASS = 20_000;

/** With fewer flows of a class, chance tells them apart. */
const FEWEST_OF_CLASS = 20;

/** A column of numbers with so few values may tell labels by single ones of them, too. */
const FEW_VALUES = 256;

const FOLDS = 5;

/** Rows from which `ownRocAucs` is told, evenly from either class, in rising order; none where a class has too few. */
export function separationRows(isAttack: Uint8Array): Uint32Array {
  const attacks = isAttack.reduce((count, attack) => count + (attack === 0 ? 0 : 1), 0);
  const [ofNormals, ofAttacks] = [isAttack.length - attacks, attacks];
  if (Math.min(ofNormals, ofAttacks) < FEWEST_OF_CLASS) return new Uint32Array();
  const seen = { normal: 0, attack: 0 };
  const rows: number[] = [];
  for (let row = 0; row < isAttack.length; row++) {
    const isNormal = isAttack[row] === 0;
    const of = isNormal ? ofNormals : ofAttacks;
    const place = isNormal ? seen.normal++ : seen.attack++;
    const kept = Math.min(of, MOST_OF_CLASS);
    if (Math.floor((place * kept) / of) !== Math.floor(((place + 1) * kept) / of)) rows.push(row);
  }
  return Uint32Array.from(rows);
}

/**
 * How well each column tells attacks by itself, in the columns' order; of none where a class has too few flows. A number is ranked as it is, its missing values below or
 * above all others. The values of a category, and of numbers that have few, are ranked by their share of attacks among flows of
 * other folds, so that a column of many values is not taken for one that tells labels because each is seen once.
 * @param labels one a row; 0 is normal
 */
export function ownRocAucs({ columns, flows }: CodedFlows, labels: Uint8Array): ColumnSeparation[] {
  const rows = separationRows(labels);
  if (rows.length === 0) return [];
  const isAttack = Uint8Array.from(rows, (row) => labels[row] ?? 0);
  return columns.map(({ name, kind }, k) => {
    const values = Float32Array.from(rows, (row) => flows[row * columns.length + k] ?? Number.NaN);
    const isFew = kind === "category" || new Set(values).size <= FEW_VALUES;
    const areas = [
      ...(kind === "number" ? [rankedArea(values, isAttack)] : []),
      ...(isFew ? [areaOf(attackShares(values, isAttack), isAttack)] : []),
    ];
    return { column: name, rocAuc: Math.max(0.5, ...areas) };
  });
}

/**
 * The columns that tell the labels by themselves, the one that tells most first. None of the context's, which the table does not
 * have: that there are many flows is what attacks in bulk are, and gives nothing away.
 */
export function labelLeaks(separations: readonly ColumnSeparation[]): ColumnSeparation[] {
  return separations
    .filter(({ column, rocAuc }) => rocAuc > LEAK_ROC_AUC && contextWords(column) === undefined)
    .sort((a, b) => b.rocAuc - a.rocAuc);
}

const GREATEST = 3.402_823_466e38;

function rankedArea(values: Float32Array, isAttack: Uint8Array): number {
  const filled = (missing: number): number => {
    const ranks = values.map((value) =>
      Number.isNaN(value) ? missing : Math.min(GREATEST, Math.max(-GREATEST, value)),
    );
    const area = areaOf(ranks, isAttack);
    return Math.max(area, 1 - area);
  };
  return values.some(Number.isNaN) ? Math.max(filled(-GREATEST), filled(GREATEST)) : filled(0);
}

/** The share of attacks that a flow's value has in the other folds; that of all flows where it is in none of them. */
function attackShares(values: Float32Array, isAttack: Uint8Array): Float64Array {
  const counts = new Map<number, { readonly flows: Uint32Array; readonly attacks: Uint32Array }>();
  const all = { flows: 0, attacks: 0 };
  for (const [row, value] of values.entries()) {
    const found = counts.get(value) ?? { flows: new Uint32Array(FOLDS), attacks: new Uint32Array(FOLDS) };
    counts.set(value, found);
    const fold = foldOf(row);
    const attack = isAttack[row] === 0 ? 0 : 1;
    found.flows[fold] = (found.flows[fold] ?? 0) + 1;
    found.attacks[fold] = (found.attacks[fold] ?? 0) + attack;
    all.flows++;
    all.attacks += attack;
  }
  const base = all.attacks / all.flows;
  const shares = new Map(
    [...counts].map(([value, { flows, attacks }]) => {
      const ofFlows = flows.reduce((sum, count) => sum + count, 0);
      const ofAttacks = attacks.reduce((sum, count) => sum + count, 0);
      // One flow of the usual share beside them keeps a value that is seen twice from telling as much as a common one.
      const share = (fold: number): number =>
        (ofAttacks - (attacks[fold] ?? 0) + base) / (ofFlows - (flows[fold] ?? 0) + 1);
      return [value, Array.from({ length: FOLDS }, (_, fold) => share(fold))];
    }),
  );
  return Float64Array.from(values, (value, row) => shares.get(value)?.[foldOf(row)] ?? base);
}

/** Rows in no order, so that a table's own order does not make the folds differ. */
function foldOf(row: number): number {
  return (Math.imul(row + 1, 0x9e37_79b1) >>> 8) % FOLDS;
}

function areaOf(scores: Float32Array | Float64Array, isAttack: Uint8Array): number {
  return rocAuc(rocCurve(scores, isAttack));
}
