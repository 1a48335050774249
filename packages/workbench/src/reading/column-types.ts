import {
  type ColumnType,
  INFINITY_TEXT,
  MISSING_TEXTS,
  NUMBER_TEXT,
  TIME_TEXT,
} from "@oddflow/preprocessing";
import { flowColumn, type GatheredColumn } from "./column-builder.ts";
import type { FlowColumn } from "./flow-columns.ts";
import { narrowCodes, narrowNumbers } from "./narrow-cells.ts";

const NUMBER = new RegExp(`^${NUMBER_TEXT}$`);
const NUMBER_OR_MISSING = new RegExp(
  `^[ \\t\\r\\n]*(${NUMBER_TEXT}|${INFINITY_TEXT}|${MISSING_TEXTS.map((text) => text.replace(/[^a-z]/g, "\\$&")).join("|")})[ \\t\\r\\n]*$`,
  "i",
);
const INTEGER = /^[+-]?[0-9]+$/;
/** DuckDB's words for truth values. */
const BOOLEAN = /^(true|t|yes|false|f|no)$/i;
const NO_NUMBER = /^nan$/i;
const TIME = new RegExp(`^(${TIME_TEXT})$`);

/** A column of numbers whose cells are more texts than these is no category: its numbers are kept without their letters. */
const MOST_TEXTS = 65_535;

/** A column of a file whose values have kinds of their own: Parquet, JSON, Zeek. */
export function typedColumn(column: GatheredColumn): FlowColumn {
  return flowColumn(column, typeOfKinds(column));
}

function typeOfKinds({ numbers, others, areTimes }: GatheredColumn): ColumnType {
  const present = others.filter((value) => value !== null);
  if (areTimes) return "time";
  if (present.some((value) => typeof value === "object")) return "other";
  const areNumbers = present.every((value) => typeof value === "bigint");
  if (areNumbers && numbers !== undefined) return isWhole(numbers) ? "integer" : "number";
  if (areNumbers) return present.length > 0 ? "integer" : "text";
  if (numbers !== undefined) return "text";
  if (present.every((value) => typeof value === "boolean")) return "boolean";
  return present.every((value) => typeof value === "string" && TIME.test(value)) ? "time" : "text";
}

/**
 * A column of a file that knows only text. As in `packages/tables`, it holds numbers where every cell is a number, truth
 * values where every cell is `true` or `false`, and texts otherwise. To a category of texts a cell is its letters in any case.
 */
export function textColumn(column: GatheredColumn): FlowColumn {
  const { numbers, others } = column;
  const texts = others.filter((value) => typeof value === "string");
  if (texts.length === 0) {
    return flowColumn(column, numbers === undefined ? "text" : isWhole(numbers) ? "integer" : "number");
  }
  if (texts.every(isNumberAlone) && !isWideInteger(column, texts)) {
    const areWhole = isWhole(numbers ?? []) && isWhole(texts.map(Number));
    const type = areWhole ? "integer" : "number";
    return texts.length > MOST_TEXTS
      ? flowColumn(withNumbers(column), type)
      : { ...flowColumn(column, type), cells: "numbers" };
  }
  if (numbers === undefined && texts.every((text) => BOOLEAN.test(text))) {
    return { ...flowColumn(column, "boolean"), cells: "truths" };
  }
  if (texts.every((text) => NUMBER_OR_MISSING.test(text))) {
    const amounts = texts.filter((text) => NUMBER.test(text.trim()));
    const isInteger =
      (numbers === undefined || isWhole(numbers)) && amounts.every((text) => INTEGER.test(text));
    const type = numbers === undefined && amounts.length === 0 ? "text" : isInteger ? "integer" : "number";
    return flowColumn(column, type, true);
  }
  const isTime = numbers === undefined && texts.every((text) => TIME.test(text));
  return flowColumn(column, isTime ? "time" : "text", true);
}

/** Whether a cell of text is a number that its own digits tell, so that nothing is lost by keeping the number alone. */
export function plainNumber(text: string): number | undefined {
  const first = text.charCodeAt(0);
  // 0 to 9, or a minus sign.
  if (!((first >= 48 && first <= 57) || first === 45)) return undefined;
  const number = Number(text);
  return String(number) === text ? number : undefined;
}

/** An integer whose digits a number does not hold; undefined for other texts. */
export function integerOfText(text: string): bigint | undefined {
  const number = Number(text);
  if (!INTEGER.test(text) || Number.isSafeInteger(number) || String(number) === text) return undefined;
  return BigInt(text);
}

/** Whether DuckDB takes it for a number when it looks at a column: not with a plus, and not with zeros before it. */
function isNumberAlone(text: string): boolean {
  return (NUMBER.test(text) && !/^(\+|0[0-9])/.test(text)) || NO_NUMBER.test(text);
}

/** Whether it is a column of whole numbers of which some have more digits than a number of JavaScript's holds. */
function isWideInteger({ numbers }: GatheredColumn, texts: readonly string[]): boolean {
  return (
    (numbers === undefined || isWhole(numbers)) &&
    texts.every((text) => INTEGER.test(text)) &&
    texts.some((text) => !Number.isSafeInteger(Number(text)))
  );
}

function isWhole(numbers: Iterable<number>): boolean {
  for (const number of numbers) if (!Number.isInteger(number)) return false;
  return true;
}

/** The column with its texts, all of them numbers, as numbers; null stays null. */
function withNumbers({
  rows,
  codes = new Uint32Array(rows),
  others,
  ...column
}: GatheredColumn): GatheredColumn {
  const numbers = Float64Array.from(column.numbers ?? new Float64Array(rows));
  const values = others.map((value) => (typeof value === "string" ? Number(value) : undefined));
  const hasNull = values.includes(undefined);
  const isNull = hasNull ? new Uint32Array(rows) : undefined;
  for (let row = 0; row < rows; row++) {
    const code = codes[row] ?? 0;
    if (code === 0) continue;
    const value = values[code - 1];
    numbers[row] = value ?? 0;
    if (isNull && value === undefined) isNull[row] = 1;
  }
  return {
    ...column,
    rows,
    numbers: narrowNumbers(numbers, false),
    codes: isNull && narrowCodes(isNull),
    others: hasNull ? [null] : [],
  };
}
