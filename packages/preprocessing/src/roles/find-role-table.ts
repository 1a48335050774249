import type { TableColumn } from "../columns.ts";
import { isLabelName } from "./name-words.ts";
import type { RoleTable } from "./role-tables.ts";
import { decide, type RoleDecision } from "./roles.ts";

/** The roles that a table of roles gives; columns that it does not list are left out, but for labels under another name. */
export function rolesFromTable(columns: readonly TableColumn[], table: RoleTable): RoleDecision[] {
  return columns.map((column) => {
    const name = listedName(column.name);
    const role = Object.hasOwn(table.roles, name) ? table.roles[name] : undefined;
    if (role !== undefined) return decide(column, role, `the ${table.name} role table`);
    return isLabelName(column.name)
      ? decide(column, "label", "its name says that it is a label")
      : decide(column, "identifier", `not in the ${table.name} role table`);
  });
}

/** The first table whose every feature column the given columns have (letter case and space aside), if any. */
export function findRoleTable(
  columns: readonly TableColumn[],
  tables: readonly RoleTable[],
): RoleTable | undefined {
  const names = new Set(columns.map(({ name }) => listedName(name)));
  return tables.find((table) =>
    Object.entries(table.roles).every(
      ([name, role]) => role === "identifier" || role === "label" || names.has(name),
    ),
  );
}

/** A column's name as role tables list it. */
export function listedName(name: string): string {
  return name.replace(/\s/g, "").toLowerCase();
}
