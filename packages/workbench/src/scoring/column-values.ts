import {
  type KindsByLabel,
  type LabelColumn,
  type NumberForms,
  type NumberRange,
  type NumberSteps,
  normalLabels,
  numberOfText,
  type TableValues,
  type TextForms,
  TIME_TEXT,
} from "@oddflow/preprocessing";
import {
  cellValue,
  type FlowColumn,
  type FlowColumns,
  type OtherValue,
  otherValue,
  valueText,
} from "../reading/index.ts";
import { valueSpans } from "./value-spans.ts";

const TIME = new RegExp(`^(${TIME_TEXT})$`);

/** What roles are decided by, answered from a table in memory: as `packages/tables` answers from files. */
export function columnValues(table: FlowColumns): TableValues {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const of = (name: string): FlowColumn => byName.get(name) as FlowColumn;
  return {
    rows: table.rows,
    countDistinct: async (names, cap) => names.map((name) => countDistinct(of(name), cap)),
    countPresent: async (names) => names.map((name) => countPresent(of(name))),
    numberForms: async (names) => names.map((name) => numberForms(of(name))),
    textForms: async (names) => names.map((name) => textForms(of(name))),
    distinctTexts: async (name) => distinctTexts(of(name)),
    firstNoNumber: async (name) => {
      const column = of(name);
      const isNone = othersOf(column).map(isNoNumber);
      const row = Math.max(0, column.codes?.findIndex((code) => isNone[code - 1] === true) ?? 0);
      return { table: table.name, row: row + 1, value: valueText(cellValue(column, row)) };
    },
    numberRanges: async (names) => names.map((name) => numberRange(of(name))),
    numberSteps: async (names) => names.map((name) => numberSteps(of(name))),
    valueSpans: async (names) => ({ files: 1, columns: valueSpans(table.columns, names.map(of)) }),
    countAttacks: async (label) =>
      attacksOf(of(label.name), label).reduce((count, attack) => count + attack, 0),
    kindsByLabel: async (label, names, most) => {
      const attacks = attacksOf(of(label.name), label);
      return names.map((name) => kindsByLabel(of(name), attacks, most));
    },
  };
}

/** What its values that are no numbers in memory stand for. */
function othersOf(column: FlowColumn): readonly (number | OtherValue)[] {
  return column.others.map((value) => otherValue(column, value));
}

function countDistinct(column: FlowColumn, cap: number): number {
  const others = new Set(othersOf(column).filter((value) => value !== null));
  let count = others.size;
  if (column.numbers === undefined) return Math.min(count, cap);
  const seen = new Set([...others].filter((value) => typeof value === "number"));
  for (let row = 0; row < column.rows && count < cap; row++) {
    if ((column.codes?.[row] ?? 0) > 0) continue;
    const number = column.numbers[row] as number;
    if (seen.has(number)) continue;
    seen.add(number);
    count++;
  }
  return Math.min(count, cap);
}

function countPresent(column: FlowColumn): number {
  let present = 0;
  for (let row = 0; row < column.rows; row++) if (cellValue(column, row) !== null) present++;
  return present;
}

function numberForms(column: FlowColumn): NumberForms {
  let [present, fractions, least, most] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < column.rows; row++) {
    const number = numberAt(column, row);
    if (!Number.isFinite(number)) continue;
    present++;
    if (!Number.isInteger(number)) fractions++;
    least = Math.min(least, number);
    most = Math.max(most, number);
  }
  return { present, fractions, least, most };
}

function textForms(column: FlowColumn): TextForms {
  const kinds = othersOf(column).map((value) => ({ ...kindOfText(value), isNoNumber: isNoNumber(value) }));
  const forms = { present: 0, times: 0, numbers: 0, noNumbers: 0 };
  for (let row = 0; row < column.rows; row++) {
    const code = column.codes?.[row] ?? 0;
    const kind = code === 0 ? undefined : kinds[code - 1];
    if (kind?.isMissing) continue;
    forms.present++;
    if (kind === undefined || kind.isNumber) forms.numbers++;
    if (kind?.isTime) forms.times++;
    if (kind?.isNoNumber) forms.noNumbers++;
  }
  return forms;
}

function kindOfText(value: number | OtherValue): { isMissing: boolean; isNumber: boolean; isTime: boolean } {
  const text = valueText(value).trim();
  const number = numberOfText(text);
  return {
    isMissing: value === null || (number !== undefined && Number.isNaN(number)),
    isNumber: number !== undefined && Number.isFinite(number),
    isTime: TIME.test(text),
  };
}

/** Whether a column of numbers may not hold the value. A truth value is a number, 1 or 0. */
function isNoNumber(value: number | OtherValue): boolean {
  if (typeof value === "string") return numberOfText(value) === undefined;
  return typeof value === "object" && value !== null;
}

function distinctTexts(column: FlowColumn): readonly string[] {
  const present = othersOf(column).filter((value) => value !== null && value !== "");
  const texts = new Set(present.map((value) => valueText(value)));
  for (let row = 0; row < column.rows && column.numbers !== undefined; row++) {
    if ((column.codes?.[row] ?? 0) === 0) texts.add(String(column.numbers[row]));
  }
  return [...texts];
}

/** More distinct values need not be told apart. */
const MOST_DISTINCT = 1000;

function numberRange(column: FlowColumn): NumberRange | undefined {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const distinct = new Set<number>();
  for (let row = 0; row < column.rows; row++) {
    const number = numberAt(column, row);
    if (Number.isNaN(number) || number === 0) continue;
    least = Math.min(least, number);
    most = Math.max(most, number);
    if (distinct.size < MOST_DISTINCT) distinct.add(number);
  }
  return distinct.size === 0 ? undefined : { least, most, distinct: distinct.size };
}

function numberSteps(column: FlowColumn): NumberSteps {
  let [risen, present, least, most, before] = [
    0,
    0,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
  ];
  for (let row = 0; row < column.rows; row++) {
    const number = numberAt(column, row);
    if (number - before === 1) risen++;
    before = number;
    if (Number.isNaN(number)) continue;
    present++;
    least = Math.min(least, number);
    most = Math.max(most, number);
  }
  return { risen, present, width: most - least + 1 };
}

/** NaN where there is none. */
function numberAt(column: FlowColumn, row: number): number {
  return numberOf(cellValue(column, row));
}

function numberOf(value: number | OtherValue): number {
  if (typeof value === "string") return numberOfText(value) ?? Number.NaN;
  return value === null || typeof value === "object" ? Number.NaN : Number(value);
}

/** 1 for each attack, as labels are read; a flow without a label is normal. */
function attacksOf(label: FlowColumn, { normal }: LabelColumn): Uint8Array {
  const isNormal = normalLabels(normal);
  const isNamed = label.type === "text" || normal.length > 0;
  const others = othersOf(label).map((value) =>
    isNamed ? value !== null && value !== "" && !isNormal(valueText(value)) : isNonZero(numberOf(value)),
  );
  return Uint8Array.from({ length: label.rows }, (_, row) => {
    const code = label.codes?.[row] ?? 0;
    if (code > 0) return others[code - 1] ? 1 : 0;
    const number = label.numbers?.[row] ?? Number.NaN;
    return (isNamed ? !Number.isNaN(number) && !isNormal(String(number)) : isNonZero(number)) ? 1 : 0;
  });
}

function isNonZero(number: number): boolean {
  return number !== 0 && !Number.isNaN(number);
}

const [OF_OTHERS, OF_ATTACKS] = [1, 2];

/** Undefined where it has more than twice `most` values. */
function kindsByLabel(column: FlowColumn, attacks: Uint8Array, most: number): KindsByLabel | undefined {
  const others = othersOf(column).map((value) => (typeof value === "number" ? value : valueText(value)));
  const classes = new Map<number | string, number>();
  for (let row = 0; row < column.rows; row++) {
    const code = column.codes?.[row] ?? 0;
    const value = code === 0 ? (column.numbers?.[row] as number) : (others[code - 1] ?? "");
    classes.set(value, (classes.get(value) ?? 0) | (attacks[row] === 1 ? OF_ATTACKS : OF_OTHERS));
    if (classes.size > 2 * most) return undefined;
  }
  const count = (bit: number): number => [...classes.values()].filter((bits) => bits & bit).length;
  return { all: classes.size, ofAttacks: count(OF_ATTACKS), ofOthers: count(OF_OTHERS) };
}
