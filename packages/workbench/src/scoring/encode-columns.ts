import {
  type ColumnCoding,
  type ContextSpec,
  checkNames,
  contextColumns,
  createValueEncoder,
  OddflowError,
  textAmongNumbers,
  unseenCode,
  type ValueEncoder,
} from "@oddflow/preprocessing";
import { cellValue, type FlowColumn, type FlowColumns, numberValue, valueText } from "../reading/index.ts";
import { contextOfTable } from "./context-columns.ts";

/** Columns of a table that become a model's input. */
export interface EncodedColumns {
  /**
   * Writes rows `first` to `end` as `[end - first, columns]` float32, row-major, into `into` from its start: a missing
   * value is NaN, a category its code. The same values as `createRecordEncoder` and `packages/tables` give.
   */
  encode(first: number, end: number, into: Float32Array): void;
  /** What the rows that were encoded had that a person should know of. */
  readonly quality: InputQuality;
}

interface InputQuality {
  /** Values that were absent or not finite, over all columns. */
  missing: number;
  /** Column name to values that the model's vocabulary lacks. */
  readonly unseen: Map<string, number>;
}

/**
 * Finds the columns that a model needs, and those of the context behind them where it sees flows in one, and sees that each holds what it is to be read as, before anything is scored.
 * @throws OddflowError COLUMNS_MISSING, which names all that are missing; COLUMN_TYPE, which names the column, how many
 * of its values are no numbers, and the first of them with its row.
 */
export function encodeColumns(
  table: FlowColumns,
  codings: readonly ColumnCoding[],
  context?: ContextSpec,
): EncodedColumns {
  checkNames(
    table.name,
    table.columns.map(({ name }) => name),
    codings.map(({ name }) => name),
  );
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const quality: InputQuality = { missing: 0, unseen: new Map() };
  const columns = codings.map((coding) => {
    const column = byName.get(coding.name) as FlowColumn;
    return codedColumn(table, column, coding);
  });
  const counted = context === undefined ? [] : contextColumns(context);
  const contexts = context === undefined ? new Float32Array() : contextOfTable(table, context);
  const width = columns.length + counted.length;
  return {
    quality,
    encode(first, end, into) {
      columns.forEach((column, k) => {
        column.write(first, end, into, k, width, quality);
      });
      for (let row = first; row < end && counted.length > 0; row++) {
        const own = contexts.subarray(row * counted.length, (row + 1) * counted.length);
        into.set(own, (row - first) * width + columns.length);
        quality.missing += own.reduce((missing, value) => missing + (Number.isNaN(value) ? 1 : 0), 0);
      }
    },
  };
}

interface CodedColumn {
  write(
    first: number,
    end: number,
    into: Float32Array,
    k: number,
    width: number,
    quality: InputQuality,
  ): void;
}

function codedColumn(table: FlowColumns, column: FlowColumn, coding: ColumnCoding): CodedColumn {
  checkKind(table, column, coding);
  const encode = createValueEncoder(coding);
  const otherCodes = codesOfOthers(table, column, encode);
  const codeOfNumber = numberEncoder(column, coding, encode);
  const { codes, numbers = new Float64Array() } = column;
  const unseen = coding.kind === "category" ? unseenCode(coding) : Number.NaN;
  return {
    write(first, end, into, k, width, quality) {
      let [missing, rare] = [0, 0];
      for (let row = first, at = k; row < end; row++, at += width) {
        const other = codes === undefined ? 0 : (codes[row] as number);
        const code = other === 0 ? codeOfNumber(numbers[row] as number) : (otherCodes[other - 1] as number);
        into[at] = code;
        // An infinity or NaN less itself is no number.
        if (code - code !== 0) missing++;
        else if (code === unseen) rare++;
      }
      quality.missing += missing;
      if (rare > 0) quality.unseen.set(coding.name, (quality.unseen.get(coding.name) ?? 0) + rare);
    },
  };
}

/** More numbers than these in a category's column are not worth remembering. */
const MOST_REMEMBERED = 1024;

/** The code of a row's number. A category's is looked up by its text, so it is remembered for the next row. */
function numberEncoder(
  column: FlowColumn,
  coding: ColumnCoding,
  encode: ValueEncoder,
): (number: number) => number {
  // A number and its text are the same to a column of numbers, and a number always has a code.
  if (coding.kind === "number") return (number) => encode(number) as number;
  const remembered = new Map<number, number>();
  return (number) => {
    let code = remembered.get(number);
    if (code === undefined) {
      code = encode(numberValue(column, number)) as number;
      if (remembered.size < MOST_REMEMBERED) remembered.set(number, code);
    }
    return code;
  };
}

/** As in `packages/tables`: times are no numbers, and what is nested is neither number nor category. */
function checkKind({ name: table }: FlowColumns, column: FlowColumn, coding: ColumnCoding): void {
  const wanted =
    coding.kind === "number" || coding.valueType === "number" ? "a number" : "a text or a number";
  const isTime = column.areTimes === true && wanted === "a number";
  if (!isTime && column.type !== "other") return;
  throw new OddflowError(
    "COLUMN_TYPE",
    `read table: column "${column.name}" of ${table} holds ${isTime ? "times" : nestedValue(column)}, ${wanted} is expected; ` +
      "convert it first, or leave the column out",
  );
}

function nestedValue(column: FlowColumn): string {
  for (let row = 0; row < column.rows; row++) {
    const value = cellValue(column, row);
    if (typeof value === "object" && value !== null) return `a list or an object in row ${row + 1}`;
  }
  return "nested values";
}

/** The code of each value that is no number, found once however many rows have it. */
function codesOfOthers(table: FlowColumns, column: FlowColumn, encode: ValueEncoder): Float32Array {
  const codes = new Float32Array(column.others.length);
  const texts = new Uint8Array(column.others.length);
  column.others.forEach((value, place) => {
    const code = encode(value);
    if (typeof code === "number") codes[place] = code;
    else texts[place] = 1;
  });
  if (texts.includes(1)) throw textProblem(table, column, texts);
  return codes;
}

function textProblem(table: FlowColumns, column: FlowColumn, isText: Uint8Array): OddflowError {
  const atRow = (row: number): boolean => isText[(column.codes?.[row] ?? 0) - 1] === 1;
  const rows = Array.from({ length: column.rows }, (_, row) => row).filter(atRow);
  const first = rows[0] ?? 0;
  return textAmongNumbers({
    table: table.name,
    column: column.name,
    texts: rows.length,
    rows: column.rows,
    value: valueText(cellValue(column, first)),
    row: first + 1,
  });
}
