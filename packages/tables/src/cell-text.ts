import type { CategoryValueType, ColumnCoding } from "@oddflow/preprocessing";
import type { StoredColumn } from "./column-storage.ts";
import type { TableFile } from "./table-files.ts";
import type { TableSource } from "./table-source.ts";

/** Columns as codings read them, and the relation that gives their values so. */
export interface ReadColumns {
  readonly columns: readonly StoredColumn[];
  relation(files: readonly TableFile[]): string;
}

/**
 * What a cell of CSV means hangs on no other row: `01` in a category of texts is that text where all cells of the column are
 * numbers too, and `T` is no truth where all are `T` or `F`. So such columns are read as the letters of their cells.
 * @param columns one for each coding, in their order
 */
export function readCells(
  source: TableSource,
  columns: readonly StoredColumn[],
  codings: readonly ColumnCoding[],
): ReadColumns {
  const asText = new Set(
    columns
      .filter((column, k) => isReadAsText(source, column, valueTypeOf(codings[k] as ColumnCoding)))
      .map(({ name }) => name),
  );
  return {
    columns: columns.map((column) => (asText.has(column.name) ? asTextColumn(column) : column)),
    relation: (files) => source.relation(files, undefined, asText),
  };
}

/** The same for the values of one column. */
export function readCellsOf(
  source: TableSource,
  column: StoredColumn,
  valueType: CategoryValueType,
): ReadColumns {
  const isText = isReadAsText(source, column, valueType);
  return {
    columns: [isText ? asTextColumn(column) : column],
    relation: (files) => source.relation(files, undefined, new Set(isText ? [column.name] : [])),
  };
}

function valueTypeOf(coding: ColumnCoding): CategoryValueType {
  return coding.kind === "number" ? "number" : coding.valueType;
}

function isReadAsText(
  { isText = false }: TableSource,
  { storage }: StoredColumn,
  valueType: CategoryValueType,
): boolean {
  return isText && storage !== "text" && (valueType === "text" || storage === "boolean");
}

function asTextColumn(column: StoredColumn): StoredColumn {
  return { ...column, storage: "text", sqlType: "VARCHAR" };
}
