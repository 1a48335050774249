import { findHostColumns } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";

/**
 * The columns that say which host a flow is of.
 * @param operation for the message
 * @param columns of the table
 * @param entity one of `HOST_ENTITIES`, or a column
 * @throws OddflowError COLUMNS_MISSING where no columns are known to hold addresses
 */
export function hostEntity(
  operation: string,
  columns: readonly string[],
  path: string,
  entity: string,
): readonly (readonly string[])[] {
  const found = findHostColumns(columns, entity);
  if (found !== undefined) return found;
  throw new OddflowError(
    "COLUMNS_MISSING",
    `${operation}: ${path} has no columns that are known to hold addresses; name the column of hosts with --entity COLUMN ` +
      `(columns: ${columns.join(", ")})`,
  );
}
