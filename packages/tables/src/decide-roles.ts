import { knownRoles } from "@oddflow/flow-sources";
import {
  type ColumnRole,
  type DecidedRoles,
  decideColumnRoles,
  type RoleSource,
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
  const folders = open.source.columns.filter(({ folderValues }) => folderValues !== undefined);
  const names = new Set(folders.map(({ name }) => name));
  const columns = table.columns.map((column) =>
    names.has(column.name) ? { ...column, isFolderName: true as const } : column,
  );
  const known = knownRoles(columns.map(({ name }) => name));
  return readUnchanged("read table", open.files, () =>
    decideColumnRoles(columns, valuesOf(table, open), { source, overrides, known, normal }),
  );
}
