import { COLUMN_ROLES, type ColumnRole, OddflowError } from "@oddflow/preprocessing";
import type { DecidedRoles } from "@oddflow/tables";

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
