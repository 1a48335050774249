import { findContext } from "@oddflow/flow-sources";
import { type ContextSpec, checkNames } from "@oddflow/preprocessing";
import { tableName } from "../find-columns.ts";
import { type FlowTable, openTableOf } from "../flow-table.ts";

/** The context that a table's flows have; or why they have none, in words. */
export type ContextDecision = { readonly spec: ContextSpec } | { readonly none: string };

/**
 * Decides from which columns of a table the context of its flows is counted.
 * @param network the column that keeps networks apart, where there is one
 * @throws OddflowError COLUMNS_MISSING when the table lacks that column; what the table throws.
 */
export async function decideContext(table: FlowTable, network?: string): Promise<ContextDecision> {
  const names = table.columns.map(({ name }) => name);
  if (network !== undefined) checkNames(tableName(openTableOf(table).files), names, [network]);
  const found = findContext(names, await table.timeColumn(), network);
  if (typeof found !== "string") return { spec: found };
  return {
    none:
      found === "addresses"
        ? "no columns are known to hold the addresses of sources and destinations"
        : "no column is known to hold times",
  };
}
