import {
  type CategoryCoding,
  type CategoryValueType,
  type ColumnCoding,
  OddflowError,
} from "@oddflow/preprocessing";
import { columnSql, type StoredColumn } from "./column-storage.ts";
import { textAsDouble, textIsMissing, textIsNoNumber } from "./number-text-sql.ts";
import { listSql, textSql } from "./sql-text.ts";

const NAN = "'nan'::FLOAT";

/** A vocabulary up to this size is compared with word by word, where the value is at hand and not computed anew each time. */
const COMPARED_VOCABULARY = 10;

/**
 * A vocabulary up to this size is searched as a list, a longer one is looked up as an ENUM, whose cast hashes: see the
 * measurements in the package's README.
 */
const SEARCHED_VOCABULARY = 16;

/**
 * One column's float32 code as an SQL expression of type FLOAT that is never NULL: what `createRecordEncoder` gives for
 * the same value. Text that is no number gives NaN: `checkColumns` refuses such a column before it is read.
 * @throws OddflowError COLUMN_TYPE when the column's type cannot be read in this way.
 */
export function codingSql(coding: ColumnCoding, column: StoredColumn): string {
  if (column.nestedAt !== undefined) throw nestedValues(coding, column, column.nestedAt);
  if (column.misread !== undefined) {
    throw new OddflowError(
      "COLUMN_TYPE",
      `read table: column "${column.name}" is ${column.misread}, which is not read; convert it to a shorter one or to a double`,
    );
  }
  if (coding.kind === "number") return numberSql(column);
  return coding.valueType === "number" ? numberCategorySql(coding, column) : textCategorySql(coding, column);
}

/** A value as text, as SQL. */
export function valueTextSql(column: StoredColumn): string {
  const name = columnSql(column);
  return column.storage === "json" ? jsonTextSql(name) : `${name}::VARCHAR`;
}

/** A value as it is, as SQL, of a type whose values JavaScript has: `ScannedBatch.value`. */
export function valueSql(column: StoredColumn): string {
  const { storage, sqlType, nestedAt, misread } = column;
  if (nestedAt !== undefined || misread !== undefined || storage === "other") return "NULL::VARCHAR";
  const name = columnSql(column);
  if (storage === "json")
    return `CASE WHEN json_type(${name}) NOT IN ('OBJECT', 'ARRAY') THEN ${jsonTextSql(name)} END`;
  if (/^(DATE|TIMESTAMP)/.test(sqlType)) return `epoch(${name})::DOUBLE`;
  const isPlain =
    storage === "integer" || storage === "boolean" || sqlType === "VARCHAR" || sqlType === "DOUBLE";
  return isPlain ? name : `${name}::VARCHAR`;
}

/** The condition under which a value of the column is no number, as SQL; undefined where the type rules that out. */
export function noNumberSql(column: StoredColumn): string | undefined {
  const isNoNumber = textIsNoNumber(valueTextSql(column));
  if (column.storage === "text") return isNoNumber;
  if (column.storage !== "json") return undefined;
  return (
    `CASE json_type(${columnSql(column)}) WHEN 'OBJECT' THEN true WHEN 'ARRAY' THEN true ` +
    `WHEN 'BOOLEAN' THEN false ELSE ${isNoNumber} END`
  );
}

/**
 * A value as the categories of a value type tell it apart, as SQL: a DOUBLE or else a text, NULL both where it is
 * missing. A number's name in a vocabulary is what JavaScript's `String` makes of it.
 */
export function categoryValueSql(
  column: StoredColumn,
  valueType: CategoryValueType,
): { number: string; text: string } {
  if (valueType === "number") {
    const value = doubleSql(column);
    // Adding zero makes 0 of -0, which is the same category.
    return { number: `CASE WHEN isfinite(${value}) THEN ${value} + 0.0 END`, text: "NULL::VARCHAR" };
  }
  const name = columnSql(column);
  if (isComparedAsNumber(column)) {
    const value = doubleSql(column);
    return { number: `CASE WHEN NOT isnan(${value}) THEN ${value} + 0.0 END`, text: "NULL::VARCHAR" };
  }
  if (column.storage === "json") {
    const text = jsonTextSql(name);
    const isNumber = jsonIsNumberSql(name);
    return {
      number: `CASE WHEN ${isNumber} THEN ${text}::DOUBLE + 0.0 END`,
      text: `CASE WHEN NOT ${isNumber} THEN nullif(${text}, '') END`,
    };
  }
  if (column.storage === "other") throw notText(column);
  return { number: "NULL::DOUBLE", text: `nullif(${name}::VARCHAR, '')` };
}

function numberSql(column: StoredColumn): string {
  const value = doubleSql(column);
  // A 64-bit integer always fits into float32's range; TRY_CAST makes NULL of a finite number that does not.
  const float = column.storage === "integer" ? `${value}::FLOAT` : `TRY_CAST(${value} AS FLOAT)`;
  return `COALESCE(${float}, ${NAN})`;
}

/** The value as DOUBLE, rounded once; NULL where it is missing or no number. */
export function doubleSql(column: StoredColumn): string {
  const name = columnSql(column);
  switch (column.storage) {
    case "integer":
    case "decimal":
    case "float":
      return `${name}::DOUBLE`;
    case "exact":
      return `${name}::VARCHAR::DOUBLE`;
    case "boolean":
      return `${name}::INTEGER::DOUBLE`;
    case "text":
      return textAsDouble(`${name}::VARCHAR`);
    case "json":
      return (
        `CASE json_type(${name}) WHEN 'BOOLEAN' THEN (${jsonTextSql(name)} = 'true')::INTEGER::DOUBLE ` +
        `WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL ELSE ${textAsDouble(jsonTextSql(name))} END`
      );
    default:
      throw new OddflowError(
        "COLUMN_TYPE",
        `read table: column "${column.name}" is ${column.sqlType}, a number is expected; ` +
          "leave the column out or convert it to a number first",
      );
  }
}

function nestedValues(coding: ColumnCoding, { name }: StoredColumn, place: string): OddflowError {
  const wanted =
    coding.kind === "number" || coding.valueType === "number" ? "a number" : "a text or a number";
  return new OddflowError(
    "COLUMN_TYPE",
    `read table: column "${name}" holds a list or an object in ${place}, ${wanted} is expected; ` +
      "leave the column out or convert it first",
  );
}

function notText(column: StoredColumn): OddflowError {
  return new OddflowError(
    "COLUMN_TYPE",
    `read table: column "${column.name}" is ${column.sqlType}, a text or a number is expected; leave the column out`,
  );
}

/** DuckDB writes 1.0 and 1e+21 where JavaScript writes 1 and 1e21: as text, such values are compared as numbers. */
function isComparedAsNumber(column: StoredColumn): boolean {
  return (
    column.storage === "float" ||
    column.storage === "decimal" ||
    (column.storage === "exact" && column.type === "number")
  );
}

function jsonTextSql(name: string): string {
  return `(${name} ->> '$')`;
}

function jsonIsNumberSql(name: string): string {
  return `(json_type(${name}) IN ('DOUBLE', 'BIGINT', 'UBIGINT'))`;
}

function numberCategorySql(coding: CategoryCoding, column: StoredColumn): string {
  const value = doubleSql(column);
  const name = columnSql(column);
  const code = comparedNumberSql(coding.vocabulary, column, value) ?? numberCodeSql(coding, value);
  switch (column.storage) {
    case "text":
    case "json": {
      const text = valueTextSql(column);
      return unlessSql(`${text} IS NULL OR ${textIsMissing(text)}`, code);
    }
    case "float":
      return unlessSql(`${name} IS NULL OR isnan(${name})`, code);
    default:
      return unlessSql(`${name} IS NULL`, code);
  }
}

function textCategorySql(coding: CategoryCoding, column: StoredColumn): string {
  if (isComparedAsNumber(column)) return numberCategorySql(coding, column);
  const name = columnSql(column);
  if (column.storage === "json") {
    const text = jsonTextSql(name);
    // NaN among the numbers is missing.
    const number = unlessSql(`isnan(${text}::DOUBLE)`, numberCodeSql(coding, `${text}::DOUBLE`));
    const words = codeSql(coding, textPositionSql(coding.vocabulary, text));
    return `CASE WHEN ${jsonIsNumberSql(name)} THEN ${number} ELSE ${presentTextSql(text, words)} END`;
  }
  if (column.storage === "other") throw notText(column);
  const text = `${name}::VARCHAR`;
  const searched = (): string => codeSql(coding, textPositionSql(coding.vocabulary, text));
  return presentTextSql(text, comparedSql(coding.vocabulary.map(textSql), text) ?? searched());
}

function presentTextSql(text: string, code: string): string {
  return unlessSql(`${text} IS NULL OR ${text} = ''`, code);
}

function unlessSql(missing: string, code: string): string {
  return `CASE WHEN ${missing} THEN ${NAN} ELSE ${code} END`;
}

/** The code of a value that is not missing, by comparing it with each word; undefined where there are too many. */
function comparedSql(literals: readonly string[], value: string): string | undefined {
  if (literals.length > COMPARED_VOCABULARY || literals.length === 0) return undefined;
  const cases = literals.map((literal, code) => `WHEN ${value} = ${literal} THEN ${code}::FLOAT`);
  return `CASE ${cases.join(" ")} ELSE ${literals.length}::FLOAT END`;
}

function comparedNumberSql(
  vocabulary: readonly string[],
  column: StoredColumn,
  value: string,
): string | undefined {
  const isWhole = (text: string): boolean =>
    Number.isSafeInteger(Number(text)) && String(Number(text)) === text;
  const { storage } = column;
  // An integer equals a safe one or it does not, as a DOUBLE too.
  if (storage === "integer" && vocabulary.every(isWhole)) return comparedSql(vocabulary, columnSql(column));
  return storage === "integer" || storage === "decimal" || storage === "float"
    ? comparedSql(vocabulary.map(numberLiteral), value)
    : undefined;
}

function numberCodeSql(coding: CategoryCoding, value: string): string {
  return codeSql(coding, numberPositionSql(coding.vocabulary, value));
}

function codeSql(coding: CategoryCoding, position: string): string {
  return `COALESCE(${position}, ${coding.vocabulary.length})::FLOAT`;
}

/** The position of a text in the vocabulary, from 0; NULL where it is not in there. */
function textPositionSql(vocabulary: readonly string[], text: string): string {
  // The members of an ENUM type are plain literals, which cannot hold a NUL.
  if (vocabulary.length <= SEARCHED_VOCABULARY || vocabulary.some((value) => value.includes("\0"))) {
    return `list_position(${listSql(vocabulary.map(textSql))}::VARCHAR[], ${text}) - 1`;
  }
  return enumPositionSql(vocabulary, text);
}

/** The position of a DOUBLE in a vocabulary of numbers as JavaScript writes them, from 0; NULL where it is not in there. */
function numberPositionSql(vocabulary: readonly string[], value: string): string {
  const searched = `list_position(${listSql(vocabulary.map(numberLiteral))}::DOUBLE[], ${value}) - 1`;
  const whole = vocabulary.filter((text) => Number.isSafeInteger(Number(text)));
  if (vocabulary.length <= SEARCHED_VOCABULARY || whole.length === 0) return searched;
  // Whole numbers look the same in DuckDB and JavaScript, so they can be looked up as text.
  const words = vocabulary.map((text, place) =>
    Number.isSafeInteger(Number(text)) ? text : `no whole number ${place}`,
  );
  const looked = enumPositionSql(words, `${value}::BIGINT::VARCHAR`);
  const isWhole = `${value} = trunc(${value}) AND abs(${value}) <= ${Number.MAX_SAFE_INTEGER}`;
  const other = whole.length < vocabulary.length ? ` ELSE ${searched}` : "";
  return `CASE WHEN ${isWhole} THEN ${looked}${other} END`;
}

function enumPositionSql(vocabulary: readonly string[], text: string): string {
  return `enum_code(TRY_CAST(${text} AS ENUM(${vocabulary.map(textSql).join(", ")})))::INTEGER`;
}

/** NaN, which no value that is looked up equals, for a text that is no number in the form that JavaScript writes. */
function numberLiteral(text: string): string {
  return String(Number(text)) === text ? `'${text}'::DOUBLE` : "'nan'::DOUBLE";
}
