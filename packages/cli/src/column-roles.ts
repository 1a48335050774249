import {
  COLUMN_ROLES,
  type ColumnRole,
  type DecidedRoles,
  OddflowError,
  type RoleDecision,
} from "@oddflow/preprocessing";
import { oneLine } from "./terminal.ts";

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

/** What was decided, for a person: the features by kind, and every label and column that is left out with the reason. */
export function formatRoles({ decisions, by }: DecidedRoles): string {
  const named = (role: ColumnRole): string[] =>
    decisions.filter((d) => d.role === role).map((d) => oneLine(d.name));
  const numbers = named("number");
  const categories = named("category");
  return [
    `Columns: ${numbers.length + categories.length} features by ${by}`,
    `  numbers     ${numbers.join(" ") || "none"}`,
    `  categories  ${categories.join(" ") || "none"}`,
    `  labels      ${named("label").join(" ") || "none"}`,
    ...[...byReason(decisions, "label")].map(
      ([reason, names]) => `              ${names.join(" ")}: ${reason}`,
    ),
    ...[...byReason(decisions, "identifier")].map(
      ([reason, names]) => `  left out    ${names.join(" ")} (${reason})`,
    ),
    ...roleNotes(decisions).map((note) => `  note        ${note}`),
    "  (change one with --role COLUMN=ROLE)",
  ].join("\n");
}

/** What a person should know of columns that are not what they seem, whatever they are used for. */
export function roleNotes(decisions: readonly RoleDecision[]): readonly string[] {
  return decisions.flatMap(({ name, note }) => (note === undefined ? [] : [oneLine(`${name}: ${note}`)]));
}

function byReason(decisions: DecidedRoles["decisions"], role: ColumnRole): ReadonlyMap<string, string[]> {
  const reasons = new Map<string, string[]>();
  for (const decision of decisions) {
    if (decision.role !== role) continue;
    reasons.set(decision.reason, [...(reasons.get(decision.reason) ?? []), oneLine(decision.name)]);
  }
  return reasons;
}
