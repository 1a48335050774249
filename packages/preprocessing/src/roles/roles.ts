import type { TableColumn } from "../columns.ts";
import { OddflowError } from "../errors.ts";

/** What a column is used for. Identifiers and labels never reach the network. */
export type ColumnRole = "identifier" | "label" | "category" | "number";

/** All of them. */
export const COLUMN_ROLES: readonly ColumnRole[] = ["identifier", "label", "category", "number"];

/** The role of one column and the reason, in words for a person. */
export interface RoleDecision {
  readonly name: string;
  readonly role: ColumnRole;
  readonly reason: string;
  /** What else its values say, where a person should know of it. */
  readonly note?: string;
}

/** The columns that reach the network, in the order of the table. */
export function featureNames(decisions: readonly RoleDecision[]): string[] {
  return decisions.filter(({ role }) => role === "number" || role === "category").map(({ name }) => name);
}

/**
 * Replaces the roles of the named columns.
 * @throws OddflowError ROLES_INVALID when a named column is not among the decisions.
 */
export function overrideRoles(
  decisions: readonly RoleDecision[],
  overrides: ReadonlyMap<string, ColumnRole>,
): RoleDecision[] {
  const names = new Set(decisions.map((decision) => decision.name));
  const unknown = [...overrides.keys()].filter((name) => !names.has(name));
  if (unknown.length > 0) {
    throw new OddflowError(
      "ROLES_INVALID",
      `override roles: the table has no column ${unknown.map((name) => `"${name}"`).join(", ")}; it has ${[...names].join(", ")}`,
    );
  }
  return decisions.map((decision) => {
    const role = overrides.get(decision.name);
    return role === undefined ? decision : { name: decision.name, role, reason: "named by the user" };
  });
}

export function decide({ name }: TableColumn, role: ColumnRole, reason: string): RoleDecision {
  return { name, role, reason };
}
