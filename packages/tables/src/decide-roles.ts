import { knownRoles } from "@oddflow/flow-sources";
import {
  type ColumnRole,
  type DecidedRoles,
  decideColumnRoles,
  findKeyColumns,
  type RoleSource,
  type TableColumn,
} from "@oddflow/preprocessing";
import { type FlowTable, openTableOf } from "./flow-table.ts";
import { valuesOf } from "./table-values.ts";
import { readUnchanged } from "./unchanged-files.ts";

/**
 * Decides what every column of a table is used for.
 * @param normal which labels are normal, as `normalLabels` takes them
 * @throws OddflowError ROLES_INVALID when an override names no column of the table; what the table throws.
 */
export function decideRoles(
  table: FlowTable,
  source: RoleSource,
  overrides: ReadonlyMap<string, ColumnRole>,
  normal: readonly string[] = [],
): Promise<DecidedRoles> {
  const open = openTableOf(table);
  const columns = namedColumns(table);
  const known = knownRoles(columns.map(({ name }) => name));
  return readUnchanged("read table", open.files, () =>
    decideColumnRoles(columns, valuesOf(table, open), { source, overrides, known, normal }),
  );
}

/** The columns that tell a table's flows apart, as `findKeyColumns` has it. @throws what the table throws */
export function keyColumns(table: FlowTable): Promise<readonly string[]> {
  const open = openTableOf(table);
  const columns = namedColumns(table);
  const known = knownRoles(columns.map(({ name }) => name));
  return readUnchanged("read table", open.files, () => findKeyColumns(columns, valuesOf(table, open), known));
}

/** A table's columns, with those that stand in the names of folders marked. */
function namedColumns(table: FlowTable): readonly TableColumn[] {
  const folders = openTableOf(table).source.columns.filter(({ folderValues }) => folderValues !== undefined);
  const names = new Set(folders.map(({ name }) => name));
  return table.columns.map((column) =>
    names.has(column.name) ? { ...column, isFolderName: true as const } : column,
  );
}
