import { knownRoles } from "@oddflow/flow-sources";
import { decideColumnRoles, inferRoles } from "@oddflow/preprocessing";
import {
  type ColumnTimes,
  cellText,
  type FlowColumn,
  type FlowColumns,
  findTimes,
} from "../reading/index.ts";
import { columnValues } from "./column-values.ts";

/** More kinds of labels than this are names of something else. */
const MOST_LABELS = 200;

/** So many columns fit beside each other. */
const MOST_IDENTIFIERS = 4;

/** Words of addresses and ports: what one wants to see of a flow first. */
const ENDPOINT = /ip|addr|host|port|orig_[hp]|resp_[hp]/i;

/** The columns that say when, who and, for labelled flows, what. */
export interface ColumnUses {
  readonly time?: ColumnTimes;
  readonly label?: {
    readonly column: string;
    readonly names: readonly string[];
    readonly codes: Uint16Array;
  };
  readonly identifiers: readonly string[];
}

/** Finds them by the rules that the commands have; `scored` are the columns that the model scores. */
export async function findColumnUses(table: FlowColumns, scored: ReadonlySet<string>): Promise<ColumnUses> {
  const { columns, rows } = table;
  const byName = new Map(columns.map((column) => [column.name, column]));
  const time = findTimes(columns);
  const { decisions } = await decideColumnRoles(columns, columnValues(table), {
    source: "auto",
    overrides: new Map(),
    known: knownRoles(columns.map(({ name }) => name)),
  });
  const labels = decisions
    .filter(({ role }) => role === "label")
    .map(({ name }) => labelOf(byName.get(name) as FlowColumn, rows))
    .filter((label) => label !== undefined);
  // A name says more than a number.
  const label = labels.find(({ column }) => byName.get(column)?.type === "text") ?? labels[0];
  // A table of roles calls all that it does not list identifiers: the names know better which say who it was.
  const identifiers = inferRoles(columns)
    .filter(({ name, role }) => role === "identifier" && !scored.has(name) && name !== time?.column)
    .map(({ name }) => name);
  const endpoints = identifiers.filter((name) => ENDPOINT.test(name));
  return {
    ...(time ? { time } : {}),
    ...(label ? { label } : {}),
    identifiers: (endpoints.length > 0 ? endpoints : identifiers).slice(0, MOST_IDENTIFIERS),
  };
}

function labelOf(column: FlowColumn, rows: number): ColumnUses["label"] {
  const names: string[] = [];
  const codeOf = new Map<string, number>();
  const codes = new Uint16Array(rows);
  for (let row = 0; row < rows; row++) {
    const text = cellText(column, row);
    let code = codeOf.get(text);
    if (code === undefined) {
      if (names.length === MOST_LABELS) return undefined;
      code = names.push(text) - 1;
      codeOf.set(text, code);
    }
    codes[row] = code;
  }
  return names.length > 0 && names.some((name) => name !== "")
    ? { column: column.name, names, codes }
    : undefined;
}
