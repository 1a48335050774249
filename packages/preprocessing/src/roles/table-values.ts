/*
 * What roles are decided by beside names and types, as questions about a table's values. Tables on disk answer in SQL, the
 * page from memory.
 */

/** All columns are named as the table names them, and answers come in their order. */
export interface TableValues {
  readonly rows: number;
  /** How many distinct values each column has, missing ones aside, counted up to `cap`. */
  countDistinct(columns: readonly string[], cap: number): Promise<readonly number[]>;
  /** In how many rows each column has a value. */
  countPresent(columns: readonly string[]): Promise<readonly number[]>;
  /** Looks at every value of columns of numbers. */
  numberForms(columns: readonly string[]): Promise<readonly NumberForms[]>;
  /** Looks at every value of columns of text. */
  textForms(columns: readonly string[]): Promise<readonly TextForms[]>;
  /** The distinct texts of a column that has no more than `most`. */
  distinctTexts(column: string, most: number): Promise<readonly string[]>;
  /** The first value of a column that is neither a number nor missing; there is one. */
  firstNoNumber(column: string): Promise<FoundValue>;
  /** Between what the numbers of columns lie; undefined for a column without any but zeros. */
  numberRanges(columns: readonly string[]): Promise<readonly (NumberRange | undefined)[]>;
  /** How columns of whole numbers go from row to row. */
  numberSteps(columns: readonly string[]): Promise<readonly NumberSteps[]>;
  /** Where the values of columns with few of them stand. */
  valueSpans(columns: readonly string[]): Promise<ValueSpans>;
  /** How many flows a label calls attacks. */
  countAttacks(label: LabelColumn): Promise<number>;
  /** Of each column that has about `most` values or fewer, how a label parts them; else undefined. */
  kindsByLabel(
    label: LabelColumn,
    columns: readonly string[],
    most: number,
  ): Promise<readonly (KindsByLabel | undefined)[]>;
}

/** A column of labels, and which of them are normal. */
export interface LabelColumn {
  readonly name: string;
  /**
   * As `normalLabels` takes them: with patterns, numbers are names as texts are; without any, zero is normal, and what the usual
   * words say.
   */
  readonly normal: readonly string[];
}

/** A value as a message tells of it. */
export interface FoundValue {
  /** From 1, counted within the file, as whoever opens that file counts it. */
  readonly row: number;
  readonly value: string;
  /** What a message calls the file. */
  readonly table: string;
}

/** What a column of text holds. */
export interface TextForms {
  /** Values that are not missing. */
  readonly present: number;
  /** How many of them are ISO 8601 times, and how many are finite numbers. */
  readonly times: number;
  readonly numbers: number;
  /** How many of them a column of numbers may not hold: no number, no infinity. */
  readonly noNumbers: number;
}

/** What a column of numbers holds, NaN and infinities aside. */
export interface NumberForms {
  readonly present: number;
  /** How many of them are not whole. */
  readonly fractions: number;
  /** Of no meaning where none is present. */
  readonly least: number;
  readonly most: number;
}

/** Of a column's numbers but zeros, which often stand for none. */
export interface NumberRange {
  readonly least: number;
  readonly most: number;
  /** About how many distinct ones there are. */
  readonly distinct: number;
}

/** Whether a column of whole numbers counts the rows. */
export interface NumberSteps {
  /** In how many rows the number is one more than in the row before. */
  readonly risen: number;
  readonly present: number;
  /** The greatest number less the least, and one. */
  readonly width: number;
}

/** Where the values of some columns stand in a table. */
export interface ValueSpans {
  /** How many files the table has. */
  readonly files: number;
  /** For each column, in no order, where each of its values stands. */
  readonly columns: readonly (readonly ValueSpan[])[];
}

/** Where a value stands in a table. */
export interface ValueSpan {
  /** Null for the missing ones, which are a value here. */
  readonly value: string | null;
  readonly rows: number;
  /** From 0, counted through all files. */
  readonly firstRow: number;
  readonly lastRow: number;
  /** In the unit of the table's time column; NaN where no row has a time. */
  readonly firstTime: number;
  readonly lastTime: number;
  /** In how many files. */
  readonly files: number;
}

/** How many distinct values a column has, missing among them: in all, among attacks, among other flows. */
export interface KindsByLabel {
  readonly all: number;
  readonly ofAttacks: number;
  readonly ofOthers: number;
}
