import {
  COLUMN_ROLES,
  type ColumnRole,
  findRoleTable,
  inferRoles,
  OddflowError,
  overrideRoles,
  ROLE_TABLES,
  type RoleDecision,
  referenceRoles,
  rolesFromTable,
  type TableColumn,
} from "@oddflow/preprocessing";
import type { FlowTable } from "@oddflow/tables";

/** Where the roles of a table's columns come from: a known schema's table, else names; or the reference rule. */
export type RoleSource = "auto" | "reference";

/** Counted up to here: one more than the longest vocabulary that a role rule takes as a category. */
const DISTINCT_CAP = 257;

export interface DecidedRoles {
  readonly decisions: readonly RoleDecision[];
  /** Which rule decided, in words. */
  readonly by: string;
}

/** Decides what every column of a table is used for. */
export async function decideRoles(
  table: FlowTable,
  source: RoleSource,
  overrides: ReadonlyMap<string, ColumnRole>,
): Promise<DecidedRoles> {
  const known = source === "auto" ? findRoleTable(table.columns, ROLE_TABLES) : undefined;
  if (known !== undefined) {
    return {
      decisions: overrideRoles(rolesFromTable(table.columns, known), overrides),
      by: `the ${known.name} role table`,
    };
  }
  const columns = await withDistinctCounts(table);
  const decisions = source === "reference" ? referenceRoles(columns) : inferRoles(columns);
  return {
    decisions: overrideRoles(decisions, overrides),
    by: source === "reference" ? "the reference rule" : "names and types, since no role table fits",
  };
}

/**
 * Reads `--role column=role` options.
 * @throws OddflowError USAGE for anything else.
 */
export function parseRoleOverrides(options: readonly string[]): Map<string, ColumnRole> {
  return new Map(
    options.map((option) => {
      const split = option.lastIndexOf("=");
      const role = COLUMN_ROLES.find((name) => name === option.slice(split + 1));
      if (split < 1 || role === undefined) {
        throw new OddflowError(
          "USAGE",
          `--role ${option}: expected COLUMN=ROLE, where ROLE is ${COLUMN_ROLES.join(", ")}`,
        );
      }
      return [option.slice(0, split), role];
    }),
  );
}

/** What was decided, for a person: the features by kind, and every column that is left out with the reason. */
export function formatRoles({ decisions, by }: DecidedRoles): string {
  const named = (role: ColumnRole): string[] => decisions.filter((d) => d.role === role).map((d) => d.name);
  const numbers = named("number");
  const categories = named("category");
  const leftOut = decisions.filter((decision) => decision.role === "identifier");
  const reasons = new Map<string, string[]>();
  for (const { name, reason } of leftOut) reasons.set(reason, [...(reasons.get(reason) ?? []), name]);
  return [
    `Columns: ${numbers.length + categories.length} features by ${by}`,
    `  numbers     ${numbers.join(" ") || "none"}`,
    `  categories  ${categories.join(" ") || "none"}`,
    `  labels      ${named("label").join(" ") || "none"}`,
    ...[...reasons].map(([reason, names]) => `  left out    ${names.join(" ")} (${reason})`),
    "  (change one with --role COLUMN=ROLE)",
  ].join("\n");
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
