import { checkNames } from "@oddflow/preprocessing";
import type { StoredColumn } from "./column-storage.ts";
import type { TableFile } from "./table-files.ts";

/**
 * The columns of these exact names.
 * @throws OddflowError COLUMNS_MISSING, which names all that are missing and what comes near them.
 */
export function findColumns(
  columns: readonly StoredColumn[],
  names: readonly string[],
  files: readonly TableFile[],
): readonly StoredColumn[] {
  checkNames(
    tableName(files),
    columns.map((column) => column.name),
    names,
  );
  const byName = new Map(columns.map((column) => [column.name, column]));
  return names.map((name) => byName.get(name) as StoredColumn);
}

/** A table as a message calls it. */
export function tableName(files: readonly TableFile[]): string {
  const more = files.length - 1;
  return `${files[0]?.path}${more === 0 ? "" : ` (and ${more} more ${more === 1 ? "file" : "files"})`}`;
}
