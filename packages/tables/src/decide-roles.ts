import {
  type ColumnRole,
  findRoleTable,
  inferRoles,
  labelWords,
  overrideRoles,
  ROLE_TABLES,
  type RoleDecision,
  referenceRoles,
  rolesFromTable,
  type TableColumn,
  TOO_MANY_TEXTS,
} from "@oddflow/preprocessing";
import type { StoredColumn } from "./column-storage.ts";
import { type FlowTable, openTableOf } from "./flow-table.ts";
import { rowNumbers } from "./row-numbers.ts";
import { MOST_KINDS, secondLabels } from "./second-labels.ts";
import { isNumbersWithSlips, numberSlip, textForms } from "./text-columns.ts";
import { readUnchanged } from "./unchanged-files.ts";

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
export function decideRoles(
  table: FlowTable,
  source: RoleSource,
  overrides: ReadonlyMap<string, ColumnRole>,
): Promise<DecidedRoles> {
  return readUnchanged("read table", openTableOf(table).files, () => decide(table, source, overrides));
}

async function decide(
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
  const decisions =
    source === "reference"
      ? foldersApart(table, referenceRoles(columns))
      : await decideByValues(
          table,
          columns,
          overrideRoles(foldersApart(table, inferRoles(columns)), overrides),
          overrides,
        );
  return {
    decisions: overrideRoles(decisions, overrides),
    by: source === "reference" ? "the reference rule" : "names, types and values, since no role table fits",
    labelLeaks: [],
  };
}

/** The columns that reach the network, in the order of the table. */
export function featureNames(decisions: readonly RoleDecision[]): string[] {
  return decisions.filter(({ role }) => role === "number" || role === "category").map(({ name }) => name);
}

/** What is in the names of folders says which flows were put together, and is no feature until somebody says so. */
function foldersApart(table: FlowTable, decisions: readonly RoleDecision[]): readonly RoleDecision[] {
  const names = folderNames(table);
  return decisions.map((decision) =>
    names.has(decision.name) && featureNames([decision]).length > 0
      ? { name: decision.name, role: "identifier", reason: "it stands in the names of folders" }
      : decision,
  );
}

function folderNames(table: FlowTable): ReadonlySet<string> {
  const { columns } = openTableOf(table).source;
  return new Set(columns.filter(({ folderValues }) => folderValues !== undefined).map(({ name }) => name));
}

/**
 * Decides anew about features whose values say that they are none, whatever their names: labels, times as text, row numbers
 * and what tells the label exactly. The user's own decisions stay.
 */
async function decideByValues(
  table: FlowTable,
  columns: readonly TableColumn[],
  decisions: readonly RoleDecision[],
  overrides: ReadonlyMap<string, ColumnRole>,
): Promise<readonly RoleDecision[]> {
  const open = openTableOf(table);
  const distinct = new Map(columns.map((column) => [column.name, column.distinct ?? DISTINCT_CAP]));
  const decided = new Map(decisions.map((decision) => [decision.name, decision]));
  const decide = (name: string, role: ColumnRole, reason: string): void => {
    decided.set(name, { name, role, reason });
  };
  const features = (): readonly StoredColumn[] =>
    open.source.columns.filter(({ name }) => {
      const decision = decided.get(name);
      return decision !== undefined && !overrides.has(name) && featureNames([decision]).length > 0;
    });
  const texts = open.source.columns.filter(
    ({ name, type }) =>
      type === "text" &&
      !overrides.has(name) &&
      (decided.get(name)?.role === "category" || decided.get(name)?.reason === TOO_MANY_TEXTS),
  );
  const forms = await textForms(open, texts);
  for (const [index, column] of texts.entries()) {
    const form = forms[index];
    if (form === undefined || form.present === 0) continue;
    if (isNumbersWithSlips(form)) throw await numberSlip(open, column);
    if (form.times === form.present) decide(column.name, "identifier", "its texts are dates or times");
    else if ((distinct.get(column.name) ?? DISTINCT_CAP) <= MOST_KINDS) {
      const words = labelWords(await table.distinctValues(column.name, "text", MOST_KINDS));
      if (words === "labels") decide(column.name, "label", "its values are words of labels");
      if (words === "attacks") decide(column.name, "identifier", "its values are names of attacks");
    }
  }
  for (const name of folderNames(table)) {
    if (overrides.has(name) || (distinct.get(name) ?? DISTINCT_CAP) > MOST_KINDS) continue;
    const words = labelWords(await table.distinctValues(name, "text", MOST_KINDS));
    if (words === "labels") decide(name, "label", "the names of folders are words of labels");
  }
  const whole = features().filter(
    ({ name, type }) =>
      type === "integer" && (distinct.get(name) ?? DISTINCT_CAP) >= Math.min(DISTINCT_CAP, table.rows),
  );
  for (const name of await rowNumbers(open, whole)) decide(name, "identifier", "it counts the rows");
  const labels = open.source.columns.filter(({ name }) => decided.get(name)?.role === "label");
  // As the trainer has it: a number decides where there are both.
  const label = labels.find(({ type }) => type !== "text") ?? labels[0];
  if (label !== undefined) {
    const few = features().filter(
      ({ name, type }) =>
        type === "number" || type === "boolean" || (distinct.get(name) ?? DISTINCT_CAP) <= MOST_KINDS,
    );
    for (const name of await secondLabels(open, label, few)) {
      decide(name, "identifier", `it tells the label "${label.name}" exactly`);
    }
  }
  return decisions.map((decision) => decided.get(decision.name) ?? decision);
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
