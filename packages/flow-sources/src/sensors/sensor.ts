import type { ColumnRole } from "@oddflow/preprocessing";

/** What is known of what one sensor writes, as data: how it is told, which records are flows, what its columns mean. */
export interface Sensor {
  /** What `--from` takes: "zeek". */
  readonly name: string;
  /** What people call it, and what it is taken for is said with: "Zeek connections". */
  readonly title: string;
  /**
   * How its tables are told: they have all the columns of one of these lists, letter case aside. A field of an object in a
   * JSON record is a column too, with a dot between the names.
   */
  readonly marks: readonly (readonly string[])[];
  /** The tables that it writes without naming their columns. */
  readonly bareTables?: readonly BareTable[];
  /** Which of its records are flows; all of them where it is absent. */
  readonly events?: EventRule;
  /** It puts space around what stands in a cell, so that columns stand under each other. */
  readonly padsCells?: boolean;
  /** A sensor that looks at one packet of many may give what it counted: it is multiplied by the rate. */
  readonly sampling?: { readonly rate: string; readonly counts: readonly string[] };
  /** What a row begins with that ends the flows: what follows sums them up. */
  readonly summary?: string;
  /** The columns that say when a flow began, the likeliest first. */
  readonly times: readonly string[];
  /** Columns of times with the day before the month, as `03/02/2026 09:03:09 AM`; they are read as ISO 8601 has them. */
  readonly dayFirst?: readonly string[];
  /** The values of a column that say that nothing came of a connection: nobody answered, or it was refused. */
  readonly failed?: { readonly column: string; readonly values: readonly string[] };
  /** The columns whose role their names and values would not tell. */
  readonly roles: Readonly<Record<string, ColumnRole>>;
}

/** A table whose first row holds values. It is told by how many columns there are, and by what some of them hold. */
export interface BareTable {
  /** Every column, in the table's order. */
  readonly columns: readonly string[];
  /** What the first row has, space around it aside, by column. */
  readonly values: Readonly<Record<string, RegExp>>;
}

/** Records that say what they are. The others are left out, and counted. */
export interface EventRule {
  /** The field that says it. */
  readonly field: string;
  /** The values that flows have; where it is absent, all but `others`. */
  readonly flows?: readonly string[];
  /** The values of what is no flow. */
  readonly others?: readonly string[];
  /** Fields that a record must have as well before the rule holds for it: others may call a column so, too. */
  readonly beside: readonly string[];
}

/** Splits names that are written with spaces between. */
export function names(text: string): readonly string[] {
  return text.split(" ");
}
