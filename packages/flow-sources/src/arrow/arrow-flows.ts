import { type ColumnCoding, type FlowRecord, OddflowError, shownValue } from "@oddflow/preprocessing";
import { ArrowValueFault, type CodeReader, codeReader } from "./array-codes.ts";
import { isSet, type ValueReader, validityOf, valueReader } from "./array-values.ts";
import { ArrowFault, type ArrowSchema } from "./arrow-schema.ts";
import type { ArrowDictionaries } from "./dictionaries.ts";
import {
  type ArrowNeed,
  arrowColumns,
  type FoundArrowColumn,
  findArrowColumns,
  leafOf,
  needOf,
} from "./find-arrow-columns.ts";
import type { ArrowBatch } from "./record-batch.ts";

/** What is read of flows: columns that are encoded, and values that a context is counted from. */
export interface ArrowEncoding {
  readonly columns: readonly ColumnCoding[];
  readonly inputs: readonly string[];
  /** The input that says when a flow was. */
  readonly time: string | undefined;
  /** Columns whose values are asked for as they are; what a stream lacks of them is missing. */
  readonly values?: readonly string[] | undefined;
}

/** The names of a stream's columns, of fields of structs with these's before. */
export function arrowColumnNames(schema: ArrowSchema): readonly string[] {
  return arrowColumns(schema).map(({ name }) => name);
}

/** Reads the flows of a stream's batches. */
export class ArrowFlows {
  readonly #encoding: ArrowEncoding;
  readonly #source: string;
  readonly #columns: readonly FoundArrowColumn[];
  readonly #inputs: readonly FoundArrowColumn[];
  readonly #asked: readonly (FoundArrowColumn | undefined)[];

  /**
   * @param source what is read, as messages name it
   * @throws OddflowError COLUMNS_MISSING, COLUMN_TYPE
   */
  constructor(schema: ArrowSchema, encoding: ArrowEncoding, source: string) {
    this.#encoding = encoding;
    this.#source = source;
    this.#columns = findArrowColumns(schema, encoding.columns.map(needOf), source);
    const needs = encoding.inputs.map(
      (name): ArrowNeed => ({ name, expected: name === encoding.time ? "a time" : "a text or a number" }),
    );
    this.#inputs = findArrowColumns(schema, needs, source);
    const all = arrowColumns(schema);
    this.#asked = (encoding.values ?? []).map((asked) => all.find(({ name }) => name === asked));
  }

  /** @param firstRow the number of its first row in the stream, from 0 */
  open(batch: ArrowBatch, dictionaries: ArrowDictionaries, firstRow: number): ArrowBatchFlows {
    const codes = this.#columns.map((column, k) => {
      const coding = this.#encoding.columns[k] as ColumnCoding;
      return readable(column, codeReader(coding, leafOf(batch, column), dictionaries));
    });
    const values = (columns: readonly FoundArrowColumn[]): ValueReader[] =>
      columns.map((column) => readable(column, leafReader(batch, column, dictionaries)));
    return new ArrowBatchFlows(
      codes,
      () => values(this.#columns),
      values(this.#inputs),
      () => this.#asked.map((column) => column && leafReader(batch, column, dictionaries)),
      this.#encoding.columns.map(({ name }) => name),
      (row, column, value) =>
        new OddflowError(
          "VALUE_NOT_A_NUMBER",
          `score: row ${firstRow + row + 1} of ${this.#source}, column "${column}": ${shownValue(value)} found, a number expected`,
        ),
    );
  }
}

/** The flows of one batch. */
export class ArrowBatchFlows {
  readonly #codes: readonly CodeReader[];
  readonly #openValues: () => readonly ValueReader[];
  readonly #inputs: readonly ValueReader[];
  readonly #openAsked: () => readonly (ValueReader | undefined)[];
  readonly #names: readonly string[];
  readonly #notANumber: (row: number, column: string, value: unknown) => OddflowError;
  #values: readonly ValueReader[] | undefined;
  #asked: readonly (ValueReader | undefined)[] | undefined;

  constructor(
    codes: readonly CodeReader[],
    openValues: () => readonly ValueReader[],
    inputs: readonly ValueReader[],
    openAsked: () => readonly (ValueReader | undefined)[],
    names: readonly string[],
    notANumber: (row: number, column: string, value: unknown) => OddflowError,
  ) {
    this.#codes = codes;
    this.#openValues = openValues;
    this.#inputs = inputs;
    this.#openAsked = openAsked;
    this.#names = names;
    this.#notANumber = notANumber;
  }

  /** Rows' codes, a column at a time. @throws OddflowError VALUE_NOT_A_NUMBER; ArrowFault, RangeError for damaged values */
  columns(from: number, rows: number): readonly Float32Array[] {
    try {
      return this.#codes.map((codes) => codes(from, rows));
    } catch (thrown) {
      if (!(thrown instanceof ArrowValueFault)) throw thrown;
      throw this.#notANumber(thrown.row, thrown.problem.column, thrown.problem.value);
    }
  }

  /** Writes a row's values that a context is counted from into `values`. */
  readInputs(row: number, values: unknown[]): void {
    this.#inputs.forEach((value, k) => {
      values[k] = value(row);
    });
  }

  /** A row's value of one of `ArrowEncoding.values`, by its place there; a point of time is its seconds since 1970. */
  value(row: number, place: number): unknown {
    this.#asked ??= this.#openAsked();
    return this.#asked[place]?.(row);
  }

  /** A row's values of the columns that are encoded. */
  record(row: number): FlowRecord {
    this.#values ??= this.#openValues();
    return Object.fromEntries(this.#values.map((value, k) => [this.#names[k] as string, value(row)]));
  }
}

function leafReader(
  batch: ArrowBatch,
  column: FoundArrowColumn,
  dictionaries: ArrowDictionaries,
): ValueReader | undefined {
  const { array, outer } = leafOf(batch, column);
  const value = valueReader(array, dictionaries);
  const masks = outer.flatMap((one) => validityOf(one) ?? []);
  if (value === undefined || masks.length === 0) return value;
  return (row) => (masks.every((bits) => isSet(bits, row)) ? value(row) : null);
}

/** The schema's types were looked at before. */
function readable<Reader>({ name }: FoundArrowColumn, reader: Reader | undefined): Reader {
  if (reader === undefined)
    throw new ArrowFault(`column "${name}" holds what is neither a number nor a text`);
  return reader;
}
