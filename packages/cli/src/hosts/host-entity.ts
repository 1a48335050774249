import { findEndpoints } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import type { FlowTable, HostWindowsRequest } from "@oddflow/tables";

/** What a host is where nobody names a column. */
export const ENTITIES = ["source", "destination", "pair"] as const;

/**
 * The columns that say which host a flow is of.
 * @param entity one of `ENTITIES`, or a column
 * @throws OddflowError COLUMNS_MISSING where no columns are known to hold addresses
 */
export function hostEntity(table: FlowTable, entity: string): HostWindowsRequest["entity"] {
  const names = table.columns.map(({ name }) => name);
  if (!(ENTITIES as readonly string[]).includes(entity)) return [[entity]];
  const endpoints = findEndpoints(names);
  if (endpoints === undefined) {
    throw new OddflowError(
      "COLUMNS_MISSING",
      `hosts: ${table.paths[0]} has no columns that are known to hold addresses; name the column of hosts with --entity COLUMN ` +
        `(columns: ${names.join(", ")})`,
    );
  }
  if (entity === "pair") return [endpoints.source, endpoints.destination];
  return [entity === "source" ? endpoints.source : endpoints.destination];
}
