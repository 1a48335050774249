import { areAddresses } from "./address-text.ts";
import type { ColumnType, TableColumn } from "./columns.ts";
import type { OddflowError } from "./errors.ts";
import { isNoLabel, labelWords } from "./label-words.ts";
import { ROLE_TABLES } from "./role-tables.ts";
import {
  type ColumnRole,
  findRoleTable,
  inferRoles,
  overrideRoles,
  type RoleDecision,
  referenceRoles,
  rolesFromTable,
  TOO_MANY_TEXTS,
} from "./roles.ts";
import { textAmongNumbers } from "./table-problems.ts";
import type { TableValues, TextForms } from "./table-values.ts";
import {
  areTimes,
  countsRows,
  hasBothClasses,
  hasSomeNumbers,
  isNumbersWithSlips,
  MOST_KINDS,
  tellsLabel,
} from "./value-rules.ts";

/** Where the roles of a table's columns come from: a known schema's table, else names and values; or the reference rule. */
export type RoleSource = "auto" | "reference";

/** Counted up to here: one more than the longest vocabulary that a role rule takes as a category. */
const DISTINCT_CAP = 257;

/** As much of a value as a reason shows. */
const MOST_SHOWN = 30;

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
}

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
  { source, overrides, known }: RoleRequest,
): Promise<DecidedRoles> {
  const roleTable = source === "auto" ? findRoleTable(columns, ROLE_TABLES) : undefined;
  if (roleTable !== undefined) {
    const decisions = overrideRoles(rolesFromTable(columns, roleTable), overrides);
    const leaks = new Set(roleTable.labelLeaks);
    return {
      decisions,
      by: `the ${roleTable.name} role table`,
      labelLeaks: featureNames(decisions).filter((name) => leaks.has(name.toLowerCase())),
      slips: [],
    };
  }
  const counted = await withDistinctCounts(columns, values);
  if (source === "reference") {
    const decisions = overrideRoles(foldersApart(counted, referenceRoles(counted)), overrides);
    return { decisions, by: "the reference rule", labelLeaks: [], slips: [] };
  }
  const byValues = new DecisionsByValues(counted, values, overrides, known);
  await byValues.decideLabels();
  await byValues.decideTexts();
  await byValues.decideTimes();
  await byValues.decideFolderNames();
  await byValues.decideRowNumbers();
  await byValues.decideSecondLabels();
  return {
    decisions: byValues.decisions(),
    by: `${known === undefined ? "" : `what is known of ${known.title}, `}names, types and values`,
    labelLeaks: [],
    slips: byValues.slips,
  };
}

/** The columns that reach the network, in the order of the table. */
export function featureNames(decisions: readonly RoleDecision[]): string[] {
  return decisions.filter(({ role }) => role === "number" || role === "category").map(({ name }) => name);
}

/** The roles that names and types tell, and what is known; a column without any value is no feature all the same. */
function withKnown(columns: readonly TableColumn[], known: KnownRoles | undefined): readonly RoleDecision[] {
  return inferRoles(columns).map((decision, index) => {
    const role = known?.roles.get(decision.name);
    if (role === undefined || columns[index]?.distinct === 0) return decision;
    return { name: decision.name, role, reason: `known of ${known?.title}` };
  });
}

/** What is in the names of folders says which flows were put together, and is no feature until somebody says so. */
function foldersApart(
  columns: readonly TableColumn[],
  decisions: readonly RoleDecision[],
): readonly RoleDecision[] {
  const names = new Set(columns.filter(({ isFolderName }) => isFolderName).map(({ name }) => name));
  return decisions.map((decision) =>
    names.has(decision.name) && featureNames([decision]).length > 0
      ? { name: decision.name, role: "identifier", reason: "it stands in the names of folders" }
      : decision,
  );
}

/**
 * Decides anew about features whose values say that they are none, whatever their names: labels, addresses, times, row numbers
 * and what tells the label exactly. The user's own decisions stay, and what is known of the table's source.
 */
class DecisionsByValues {
  readonly slips: OddflowError[] = [];
  readonly #columns: readonly TableColumn[];
  readonly #values: TableValues;
  /** The columns whose decisions stay. */
  readonly #settled: ReadonlySet<string>;
  readonly #decided: Map<string, RoleDecision>;

  constructor(
    columns: readonly TableColumn[],
    values: TableValues,
    overrides: ReadonlyMap<string, ColumnRole>,
    known: KnownRoles | undefined,
  ) {
    this.#columns = columns;
    this.#values = values;
    const byName = overrideRoles(foldersApart(columns, withKnown(columns, known)), overrides);
    this.#settled = new Set([...overrides.keys(), ...(known?.roles.keys() ?? [])]);
    this.#decided = new Map(byName.map((decision) => [decision.name, decision]));
  }

  decisions(): readonly RoleDecision[] {
    return [...this.#decided.values()];
  }

  /** A column of labels labels something. */
  async decideLabels(): Promise<void> {
    for (const { name, type } of this.#columns) {
      if (this.#decided.get(name)?.role !== "label" || type !== "text" || this.#settled.has(name)) continue;
      const texts = await this.#values.distinctTexts(name, MOST_KINDS);
      if (texts.every(isNoLabel)) this.#decide(name, "identifier", "it labels no flow");
    }
  }

  async decideTimes(): Promise<void> {
    const numbers = this.#features(({ type }) => type === "integer" || type === "number");
    const ranges = await this.#values.numberRanges(numbers);
    for (const [index, name] of numbers.entries()) {
      const range = ranges[index];
      if (range !== undefined && areTimes(range)) {
        this.#decide(name, "identifier", "its numbers are times since 1970");
      }
    }
  }

  async decideTexts(): Promise<void> {
    const texts = this.#columns.filter(({ name, type }) => {
      const decision = this.#decided.get(name);
      const isOpen = decision?.role === "category" || decision?.reason === TOO_MANY_TEXTS;
      return type === "text" && !this.#settled.has(name) && isOpen;
    });
    const forms = await this.#values.textForms(texts.map(({ name }) => name));
    for (const [index, column] of texts.entries()) {
      const form = forms[index];
      if (form !== undefined && form.present > 0) await this.#decideText(column, form);
    }
  }

  async #decideText({ name, distinct = DISTINCT_CAP }: TableColumn, form: TextForms): Promise<void> {
    if (form.times === form.present) {
      this.#decide(name, "identifier", "a date or time column is no feature");
      return;
    }
    const texts = distinct <= MOST_KINDS ? await this.#values.distinctTexts(name, MOST_KINDS) : [];
    const words = labelWords(texts);
    if (words === "labels") this.#decide(name, "label", "its values are words of labels");
    else if (words === "attacks") this.#decide(name, "identifier", "its values are names of attacks");
    else if (areAddresses(texts)) this.#decide(name, "identifier", "its values are addresses");
    else if (hasSomeNumbers(form)) await this.#decideMixed(name, form);
  }

  /** Numbers among the texts, or texts among the numbers: what was meant is the reader's to say, so both are told. */
  async #decideMixed(name: string, form: TextForms): Promise<void> {
    const decision = this.#decided.get(name);
    if (decision === undefined) return;
    const { numbers, present, noNumbers } = form;
    const share = `${numbers.toLocaleString("en-US")} of ${present.toLocaleString("en-US")} are numbers`;
    if (noNumbers === 0) {
      this.#decided.set(name, { ...decision, note: `${share}: read as such with --role ${name}=number` });
      return;
    }
    const { row, value, table } = await this.#values.firstNoNumber(name);
    const shown = JSON.stringify(value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN - 3)}...` : value);
    const note = `${share}, the first that is none is ${shown} in row ${row.toLocaleString("en-US")} of ${table}`;
    this.#decided.set(name, { ...decision, note });
    if (isNumbersWithSlips(form)) {
      const { rows } = this.#values;
      this.slips.push(textAmongNumbers({ table, column: name, texts: noNumbers, rows, value, row }));
    }
  }

  async decideFolderNames(): Promise<void> {
    for (const { name, isFolderName, distinct = DISTINCT_CAP } of this.#columns) {
      if (!isFolderName || this.#settled.has(name) || distinct > MOST_KINDS) continue;
      const words = labelWords(await this.#values.distinctTexts(name, MOST_KINDS));
      if (words === "labels") this.#decide(name, "label", "the names of folders are words of labels");
    }
  }

  async decideRowNumbers(): Promise<void> {
    const { rows } = this.#values;
    const whole = this.#features(
      ({ type, distinct = DISTINCT_CAP }) => type === "integer" && distinct >= Math.min(DISTINCT_CAP, rows),
    );
    const steps = await this.#values.numberSteps(whole);
    const verdicts = whole.map((name, index) => {
      const step = steps[index];
      return step === undefined ? "no" : countsRows(step, rows, name);
    });
    const once = whole.filter((_, index) => verdicts[index] === "once");
    const counts = once.length === 0 ? [] : await this.#values.countDistinct(once, rows);
    const unique = once.filter((_, index) => counts[index] === rows);
    for (const [index, name] of whole.entries()) {
      if (verdicts[index] === "yes" || unique.includes(name))
        this.#decide(name, "identifier", "it counts the rows");
    }
  }

  async decideSecondLabels(): Promise<void> {
    const labels = this.#columns.filter(({ name }) => this.#decided.get(name)?.role === "label");
    // As the trainer has it: a number decides where there are both.
    const label = labels.find(({ type }) => type !== "text") ?? labels[0];
    const few = this.#features(
      ({ type, distinct = DISTINCT_CAP }) =>
        type === "number" || type === "boolean" || distinct <= MOST_KINDS,
    );
    if (label === undefined || few.length === 0) return;
    const { rows } = this.#values;
    if (!hasBothClasses(await this.#values.countAttacks(label.name), rows)) return;
    const kinds = await this.#values.kindsByLabel(label.name, few, MOST_KINDS);
    for (const [index, name] of few.entries()) {
      const kind = kinds[index];
      if (kind !== undefined && tellsLabel(kind, rows)) {
        this.#decide(name, "identifier", `it tells the label "${label.name}" exactly`);
      }
    }
  }

  /** The features that are not settled and that are such, by name. */
  #features(isSuch: (column: TableColumn) => boolean): string[] {
    return this.#columns
      .filter((column) => {
        const decision = this.#decided.get(column.name);
        const isFeature = decision !== undefined && featureNames([decision]).length > 0;
        return isFeature && !this.#settled.has(column.name) && isSuch(column);
      })
      .map(({ name }) => name);
  }

  #decide(name: string, role: ColumnRole, reason: string): void {
    this.#decided.set(name, { name, role, reason });
  }
}

const COUNTED: readonly ColumnType[] = ["text", "integer"];

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
