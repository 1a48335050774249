import { OddflowError, SCORE_COLUMNS } from "@oddflow/preprocessing";
import type { StoredColumn } from "./column-storage.ts";
import { findColumns } from "./find-columns.ts";
import type { OpenTable } from "./flow-table.ts";
import { planWidening, type WideningPlan } from "./parquet/widening-plan.ts";
import { isTextFormat, type OutputFormat, outputFormatOf } from "./scored-table-sql.ts";
import type { ScoredTableOptions } from "./scored-table-writer.ts";

/** The columns of the table that come along, and those that the new scores take the names of. */
export function outputColumns(
  open: OpenTable,
  { path, columns, keyColumns }: Pick<ScoredTableOptions, "path" | "columns" | "keyColumns">,
): { readonly kept: readonly StoredColumn[]; readonly replaced: readonly string[] } {
  const { source, files } = open;
  const names = { all: source.columns.map(({ name }) => name), keys: [...new Set(keyColumns)], none: [] }[
    columns
  ];
  const found = findColumns(source.columns, names, files);
  // Cells of text hold a struct's fields; elsewhere it stays whole where a field of it is to stay.
  const wanted = isTextFormat(outputFormatOf(path))
    ? found
    : [...new Set(found.map((column) => column.field?.of ?? column))];
  // A line of JSON keeps names apart that differ in their case.
  const isExact = isJsonToJson(open, path);
  // Of an object in a record the fields are columns; it goes as a whole.
  const fieldOf = (name: string): string =>
    isExact ? (SCORE_COLUMNS.find((score) => name.startsWith(`${score}.`)) ?? name) : name.toLowerCase();
  const isNew = (name: string): boolean => SCORE_COLUMNS.includes(fieldOf(name));
  const replaced = wanted
    .filter(({ name }) => isNew(name))
    .map(({ name }) => (isExact ? fieldOf(name) : name));
  return { kept: wanted.filter(({ name }) => !isNew(name)), replaced: [...new Set(replaced)] };
}

/** Whether records become lines of JSON: then their fields are copied as they are written. */
export function isJsonToJson({ files }: OpenTable, path: string): boolean {
  return files[0]?.format === "ndjson" && outputFormatOf(path) === "ndjson";
}

/**
 * Whether rows of text become rows of the same form, where DuckDB would not write them so: Zeek's, and those that it reads a copy of.
 * @throws OddflowError USAGE for a .log that is none of Zeek's
 */
export function isRowsToRows({ source: { rowText } }: OpenTable, path: string): boolean {
  if (/\.log$/i.test(path)) {
    if (rowText?.form === "zeek") return true;
    throw new OddflowError(
      "USAGE",
      `write scored table: ${path}: only Zeek logs are written as .log, and these flows are none; end it in .parquet, .csv, ` +
        ".tsv or .ndjson",
    );
  }
  const format = outputFormatOf(path);
  if (rowText === undefined || rowText.form === "zeek" || rowText.isPlain) return false;
  return format === (rowText.delimiter === "\t" ? "tsv" : "csv");
}

/** Where Parquet becomes Parquet, its pages are copied; undefined where they cannot be. */
export function widening(
  { files, source }: OpenTable,
  format: OutputFormat,
  kept: readonly StoredColumn[],
): WideningPlan | undefined {
  if (format !== "parquet" || files[0]?.format !== "parquet" || source.leavesOutRows) return undefined;
  return planWidening(
    files.map(({ path }) => path),
    kept.filter(({ folderValues }) => folderValues === undefined).map(({ name }) => name),
    kept.flatMap(({ name, folderValues }) => (folderValues ? [{ name, values: folderValues }] : [])),
  );
}

/**
 * Looks at columns whose values are to be written anew.
 * @returns what is lost of them, in words
 * @throws OddflowError COLUMN_TYPE for a column that would be written with other values
 */
export function rewritingNotes(
  { files, source }: OpenTable,
  format: OutputFormat,
  kept: readonly StoredColumn[],
): readonly string[] {
  const column = kept.find(({ misread }) => misread !== undefined);
  if (column !== undefined) throw misreadColumn(column);
  const cut = kept.filter(({ isCutToMicroseconds }) => isCutToMicroseconds).map(({ name }) => name);
  return [
    ...(cut.length > 0 ? [`times in nanoseconds are cut to microseconds: ${cut.join(", ")}`] : []),
    ...(format === "parquet" && files[0]?.format === "parquet" && kept.length > 0
      ? [
          `${source.leavesOutRows ? "records that are no flows are left out" : "the files store their columns in different forms"}, so time zones, durations and metadata are not kept`,
        ]
      : []),
  ];
}

function misreadColumn(column: StoredColumn): OddflowError {
  return new OddflowError(
    "COLUMN_TYPE",
    `write scored table: column "${column.name}" is ${column.misread}, which can only be copied from Parquet to Parquet, from files ` +
      "that have it in the same form; leave it out (--columns keys or none), or write .parquet",
  );
}
