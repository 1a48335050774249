import { findHostColumns } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import type { FlowTable, HostColumns } from "@oddflow/tables";

/** Who asks what a host is, for messages. */
export interface EntityUse {
  readonly command: string;
  readonly option: string;
}

/**
 * The columns that say which host a flow is of.
 * @param entity one of `HOST_ENTITIES`, or a column
 * @throws OddflowError COLUMNS_MISSING where no columns are known to hold addresses
 */
export function hostEntity(
  table: FlowTable,
  entity: string,
  { command, option }: EntityUse,
): HostColumns["entity"] {
  const columns = table.columns.map(({ name }) => name);
  const found = findHostColumns(columns, entity);
  if (found !== undefined) return found;
  throw new OddflowError(
    "COLUMNS_MISSING",
    `${command}: ${table.paths[0]} has no columns that are known to hold addresses; name the column of hosts with ${option} COLUMN ` +
      `(columns: ${columns.join(", ")})`,
  );
}

/** The column of times: the one that somebody named, or is found. @throws OddflowError COLUMNS_MISSING */
export async function hostTimes(
  table: FlowTable,
  named: string | undefined,
  { command }: EntityUse,
): Promise<string> {
  const time = named ?? (await table.timeColumn());
  if (time !== undefined) return time;
  throw new OddflowError(
    "COLUMNS_MISSING",
    `${command}: ${table.paths[0]} has no column that is known to hold times; name it with --time COLUMN`,
  );
}
