import type { TableColumn } from "../columns.ts";
import type { OddflowError } from "../errors.ts";
import { SCORE_COLUMN, SCORE_COLUMNS } from "../scored-rows.ts";
import { inferRoles } from "./infer-roles.ts";
import { type ColumnRole, featureNames, overrideRoles, type RoleDecision } from "./roles.ts";
import type { TableValues } from "./table-values.ts";

/** Counted up to here: one more than the longest vocabulary that a role rule takes as a category. */
export const DISTINCT_CAP = 257;

/** Where the roles of a table's columns come from: a known schema's table, else names and values; or the reference rule. */
export type RoleSource = "auto" | "reference";

/** All of them. */
export const ROLE_SOURCES: readonly RoleSource[] = ["auto", "reference"];

/** What is known of columns from where a table comes. */
export interface KnownRoles {
  /** What it is known from: "Zeek connections". */
  readonly title: string;
  readonly roles: ReadonlyMap<string, ColumnRole>;
}

/** What decides beside the table itself. */
export interface RoleRequest {
  readonly source: RoleSource;
  /** What the user said, by column. */
  readonly overrides: ReadonlyMap<string, ColumnRole>;
  readonly known: KnownRoles | undefined;
  /** Which labels are normal, as `normalLabels` takes them. */
  readonly normal?: readonly string[] | undefined;
}

/**
 * The roles of a table's columns while its values decide about them: what names, types and the table's source tell, which the
 * rules by values change. The user's own decisions stay, and what is known of the table's source.
 */
export class RoleDraft {
  readonly columns: readonly TableColumn[];
  readonly values: TableValues;
  /** Patterns of normal labels; none where the usual words tell them. */
  readonly normal: readonly string[];
  /** COLUMN_TYPE for each column of numbers that holds a few values that are none. */
  readonly slips: OddflowError[] = [];
  readonly #named: ReadonlySet<string>;
  readonly #settled: ReadonlySet<string>;
  readonly #decided: Map<string, RoleDecision>;

  /** @throws OddflowError ROLES_INVALID when an override names no column of the table. */
  constructor(
    columns: readonly TableColumn[],
    values: TableValues,
    { overrides, known, normal = [] }: Omit<RoleRequest, "source">,
  ) {
    this.normal = normal;
    this.columns = columns;
    this.values = values;
    const decisions = overrideRoles(setApart(columns, withKnown(columns, known)), overrides);
    this.#named = new Set(overrides.keys());
    this.#settled = new Set([
      ...overrides.keys(),
      ...(known?.roles.keys() ?? []),
      ...columnsOfScoring(columns),
    ]);
    this.#decided = new Map(decisions.map((decision) => [decision.name, decision]));
  }

  get decisions(): readonly RoleDecision[] {
    return [...this.#decided.values()];
  }

  of(name: string): RoleDecision | undefined {
    return this.#decided.get(name);
  }

  /** Whether the user, the table's source or what scoring adds has the word about a column, not its values. */
  isSettled(name: string): boolean {
    return this.#settled.has(name);
  }

  isNamed(name: string): boolean {
    return this.#named.has(name);
  }

  /** The features that are not settled and that are such, by name. */
  features(isSuch: (column: TableColumn) => boolean): string[] {
    return this.columns
      .filter((column) => this.isFeature(column.name) && !this.isSettled(column.name) && isSuch(column))
      .map(({ name }) => name);
  }

  isFeature(name: string): boolean {
    const decision = this.#decided.get(name);
    return decision !== undefined && featureNames([decision]).length > 0;
  }

  decide(name: string, role: ColumnRole, reason: string): void {
    this.#decided.set(name, { name, role, reason });
  }

  note(name: string, note: string): void {
    const decision = this.#decided.get(name);
    if (decision !== undefined) this.#decided.set(name, { ...decision, note });
  }
}

/** The roles that names and types tell, and what is known; a column without any value is no feature all the same. */
function withKnown(columns: readonly TableColumn[], known: KnownRoles | undefined): readonly RoleDecision[] {
  return inferRoles(columns).map((decision, index) => {
    const role = known?.roles.get(decision.name);
    if (role === undefined || columns[index]?.distinct === 0) return decision;
    return { name: decision.name, role, reason: `known of ${known?.title}` };
  });
}

/**
 * Columns that are no features until somebody says so: what is in the names of folders, which says what flows were put together, and what
 * scoring added to the table, which says how odd they were to a model before.
 */
export function setApart(
  columns: readonly TableColumn[],
  decisions: readonly RoleDecision[],
): readonly RoleDecision[] {
  const folders = new Set(columns.filter(({ isFolderName }) => isFolderName).map(({ name }) => name));
  const scores = new Set(columnsOfScoring(columns));
  return decisions.map((decision) => {
    const { name } = decision;
    if (scores.has(name)) return { name, role: "identifier", reason: "scoring wrote it" };
    return folders.has(name) && featureNames([decision]).length > 0
      ? { name, role: "identifier", reason: "it stands in the names of folders" }
      : decision;
  });
}

/** What scoring always adds: a table that has them all was scored. */
const OF_SCORED: readonly string[] = [SCORE_COLUMN.score, SCORE_COLUMN.isAnomaly, SCORE_COLUMN.rarity];

/** What scoring added to a table; nothing where it was not scored. */
function columnsOfScoring(columns: readonly TableColumn[]): readonly string[] {
  const names = columns.map(({ name }) => name);
  return OF_SCORED.every((name) => names.includes(name))
    ? names.filter((name) => SCORE_COLUMNS.includes(name))
    : [];
}
