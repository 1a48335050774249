import {
  type ColumnRole,
  findRoleTable,
  inferRoles,
  overrideRoles,
  ROLE_TABLES,
  type RoleDecision,
  referenceRoles,
  rolesFromTable,
  type TableColumn,
} from "@oddflow/preprocessing";
import type { FlowTable } from "./flow-table.ts";

/** Where the roles of a table's columns come from: a known schema's table, else names; or the reference rule. */
export type RoleSource = "auto" | "reference";

/** Counted up to here: one more than the longest vocabulary that a role rule takes as a category. */
const DISTINCT_CAP = 257;

export interface DecidedRoles {
  readonly decisions: readonly RoleDecision[];
  /** Which rule decided, in words. */
  readonly by: string;
  /** Features that nearly give the label away, where the schema is known to have some. */
  readonly labelLeaks: readonly string[];
}

/**
 * Decides what every column of a table is used for.
 * @throws OddflowError ROLES_INVALID when an override names no column of the table; what the table throws.
 */
export async function decideRoles(
  table: FlowTable,
  source: RoleSource,
  overrides: ReadonlyMap<string, ColumnRole>,
): Promise<DecidedRoles> {
  const known = source === "auto" ? findRoleTable(table.columns, ROLE_TABLES) : undefined;
  if (known !== undefined) {
    const decisions = overrideRoles(rolesFromTable(table.columns, known), overrides);
    const leaks = new Set(known.labelLeaks);
    return {
      decisions,
      by: `the ${known.name} role table`,
      labelLeaks: featureNames(decisions).filter((name) => leaks.has(name.toLowerCase())),
    };
  }
  const columns = await withDistinctCounts(table);
  const decisions = source === "reference" ? referenceRoles(columns) : inferRoles(columns);
  return {
    decisions: overrideRoles(decisions, overrides),
    by: source === "reference" ? "the reference rule" : "names and types, since no role table fits",
    labelLeaks: [],
  };
}

/** The columns that reach the network, in the order of the table. */
export function featureNames(decisions: readonly RoleDecision[]): string[] {
  return decisions.filter(({ role }) => role === "number" || role === "category").map(({ name }) => name);
}

async function withDistinctCounts(table: FlowTable): Promise<TableColumn[]> {
  const counted = table.columns.filter(({ type }) => type === "text" || type === "integer");
  const counts = await table.countDistinct(
    counted.map((column) => column.name),
    DISTINCT_CAP,
  );
  const byName = new Map(counted.map((column, i) => [column.name, counts[i] ?? DISTINCT_CAP]));
  return table.columns.map((column) => {
    const distinct = byName.get(column.name);
    return distinct === undefined ? column : { ...column, distinct };
  });
}
