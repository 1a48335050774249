import type { ColumnType, TableColumn } from "../columns.ts";
import type { OddflowError } from "../errors.ts";
import { decideConstants, ONE_VALUE } from "./decide-constants.ts";
import { decideFolderNames, decideLabels, decideSecondLabels } from "./decide-labels.ts";
import { decideRowNumbers, decideRunNames, decideTimes } from "./decide-places.ts";
import { decideTexts } from "./decide-texts.ts";
import { findRoleTable, listedName, rolesFromTable } from "./find-role-table.ts";
import { referenceRoles } from "./reference-roles.ts";
import { DISTINCT_CAP, type KnownRoles, RoleDraft, type RoleRequest, setApart } from "./role-draft.ts";
import { ROLE_TABLES, type RoleTable } from "./role-tables.ts";
import { type ColumnRole, featureNames, overrideRoles, type RoleDecision } from "./roles.ts";
import type { TableValues } from "./table-values.ts";

/** The roles of a table's columns, and what stood out when they were decided. */
export interface DecidedRoles {
  readonly decisions: readonly RoleDecision[];
  /** Which rule decided, in words. */
  readonly by: string;
  /** Features that nearly give the label away, where the schema is known to have some. */
  readonly labelLeaks: readonly string[];
  /** COLUMN_TYPE for each column of numbers that holds a few values that are none. */
  readonly slips: readonly OddflowError[];
}

/** What scoring would refuse, training refuses. @throws OddflowError COLUMN_TYPE */
export function refuseSlips({ slips: [slip] }: DecidedRoles): void {
  if (slip !== undefined) throw slip;
}

/**
 * Decides what every column of a table is used for.
 * @throws OddflowError ROLES_INVALID when an override names no column of the table; what `values` throws.
 */
export async function decideColumnRoles(
  columns: readonly TableColumn[],
  values: TableValues,
  { source, overrides, known, normal }: RoleRequest,
): Promise<DecidedRoles> {
  const counted = await withDistinctCounts(columns, values);
  if (source === "reference") {
    const decisions = overrideRoles(setApart(counted, referenceRoles(counted)), overrides);
    return { decisions, by: "the reference rule", labelLeaks: [], slips: [] };
  }
  const held = await withNumberForms(counted, values);
  const roleTable = findRoleTable(columns, ROLE_TABLES);
  if (roleTable !== undefined) return decideByTable(held, values, roleTable, overrides);
  const draft = new RoleDraft(held, values, { overrides, known, normal });
  await decideLabels(draft);
  await decideTexts(draft);
  await decideTimes(draft);
  await decideFolderNames(draft);
  await decideRowNumbers(draft);
  await decideSecondLabels(draft);
  await decideRunNames(draft);
  await decideConstants(draft);
  return {
    decisions: draft.decisions,
    by: `${known === undefined ? "" : `what is known of ${known.title}, `}names, types and values`,
    labelLeaks: [],
    slips: draft.slips,
  };
}

async function decideByTable(
  columns: readonly TableColumn[],
  values: TableValues,
  table: RoleTable,
  overrides: ReadonlyMap<string, ColumnRole>,
): Promise<DecidedRoles> {
  const draft = draftByTable(columns, values, table, overrides);
  await decideConstants(draft);
  const leaks = new Set(table.labelLeaks);
  return {
    decisions: draft.decisions,
    by: `the ${table.name} role table`,
    labelLeaks: featureNames(draft.decisions).filter((name) => leaks.has(listedName(name))),
    slips: [],
  };
}

function draftByTable(
  columns: readonly TableColumn[],
  values: TableValues,
  table: RoleTable,
  overrides: ReadonlyMap<string, ColumnRole>,
): RoleDraft {
  const draft = new RoleDraft(columns, values, { overrides, known: undefined });
  for (const { name, role, reason } of rolesFromTable(columns, table)) {
    if (!draft.isNamed(name)) draft.decide(name, role, reason);
  }
  return draft;
}

/**
 * The columns that tell one flow from another: the identifiers that `decideColumnRoles` finds, but for what is one for having the
 * same value in every flow. Where a table of roles names them, no value is looked at.
 * @throws what `values` throws
 */
export async function findKeyColumns(
  columns: readonly TableColumn[],
  values: TableValues,
  known: KnownRoles | undefined,
): Promise<string[]> {
  const overrides = new Map<string, ColumnRole>();
  const roleTable = findRoleTable(columns, ROLE_TABLES);
  const { decisions } = roleTable
    ? draftByTable(columns, values, roleTable, overrides)
    : await decideColumnRoles(columns, values, { source: "auto", overrides, known });
  return decisions
    .filter(({ role, reason }) => role === "identifier" && reason !== ONE_VALUE)
    .map(({ name }) => name);
}

const COUNTED: readonly ColumnType[] = ["text", "integer", "number", "boolean"];

async function withDistinctCounts(
  columns: readonly TableColumn[],
  values: TableValues,
): Promise<readonly TableColumn[]> {
  const counted = columns.filter(({ type }) => COUNTED.includes(type)).map(({ name }) => name);
  const counts = await values.countDistinct(counted, DISTINCT_CAP);
  const byName = new Map(counted.map((name, index) => [name, counts[index] ?? DISTINCT_CAP]));
  return columns.map((column) => {
    const distinct = byName.get(column.name);
    return distinct === undefined ? column : { ...column, distinct };
  });
}

/** Whole numbers are integers, however they are stored; NaN is no value. */
async function withNumberForms(
  columns: readonly TableColumn[],
  values: TableValues,
): Promise<readonly TableColumn[]> {
  const numbers = columns.filter(({ type }) => type === "number").map(({ name }) => name);
  const forms = await values.numberForms(numbers);
  const byName = new Map(numbers.map((name, index) => [name, forms[index]]));
  return columns.map((column) => {
    const form = byName.get(column.name);
    if (form === undefined) return column;
    const distinct = form.present === 0 ? 0 : form.least === form.most ? 1 : column.distinct;
    const held = distinct === undefined ? column : { ...column, distinct };
    return form.fractions > 0 ? { ...held, hasFractions: true } : { ...held, type: "integer" };
  });
}
