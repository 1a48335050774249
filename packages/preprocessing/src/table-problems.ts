import { OddflowError } from "./errors.ts";

/** The most letters by which a column that a message suggests may differ from the one that was asked for. */
const NEAR = 2;

/**
 * Sees that a table has columns of exactly these names. A table that lacks most of several, and has none like them, is likely one of other flows than the model that asks for
 * them was trained on.
 * @param table what a message calls it
 * @throws OddflowError COLUMNS_MISSING, which names all that are missing and what comes near them.
 */
export function checkNames(table: string, columns: readonly string[], names: readonly string[]): void {
  const known = new Set(columns);
  const wanted = new Set(names);
  const missing = [...wanted].filter((name) => !known.has(name));
  if (missing.length === 0) return;
  const near = missing.map((name) => nearestName(name, columns));
  const list = missing.map((name, k) =>
    near[k] === undefined ? `"${name}"` : `"${name}" (it has "${near[k]}")`,
  );
  const one = missing.length === 1;
  const unlike = near.filter((name) => name === undefined).length;
  const advice =
    !one && unlike > wanted.size / 2
      ? "use a model of such flows (`oddflow train` makes one), or rename them"
      : `add or rename ${one ? "it" : "them"}`;
  throw new OddflowError(
    "COLUMNS_MISSING",
    `read table: ${table} lacks ${one ? "the column" : `${missing.length} columns`}: ` +
      `${list.join(", ")}; ${advice}`,
  );
}

/** A column that is to be read as numbers and holds something else. */
export interface TextAmongNumbers {
  readonly table: string;
  readonly column: string;
  /** Values that are no numbers, of all. */
  readonly texts: number;
  readonly rows: number;
  /** The first of them, and its row, from 1. */
  readonly value: string;
  readonly row: number;
}

/** COLUMN_TYPE, for a column that holds text where numbers are expected. */
export function textAmongNumbers({ table, column, texts, rows, value, row }: TextAmongNumbers): OddflowError {
  const shown = value.length > 60 ? `${value.slice(0, 57)}...` : value;
  return new OddflowError(
    "COLUMN_TYPE",
    `read table: column "${column}" of ${table} holds text where numbers are expected: ` +
      `${texts.toLocaleString("en-US")} of ${rows.toLocaleString("en-US")} values are no numbers, ` +
      `the first is ${JSON.stringify(shown)} in row ${row.toLocaleString("en-US")}; ` +
      "correct them, or leave the column out",
  );
}

function nearestName(name: string, columns: readonly string[]): string | undefined {
  const wanted = plainName(name);
  let nearest: string | undefined;
  // A short name is near to too many others.
  let least = Math.min(NEAR, Math.floor(wanted.length / 3)) + 1;
  for (const column of columns) {
    const found = plainName(column);
    const distance = found === wanted ? 0 : editDistance(found, wanted, least);
    if (distance < least) {
      least = distance;
      nearest = column;
    }
  }
  return nearest;
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[\s._-]/g, "");
}

/** Letters to put in, take out or replace to get from one text to the other; `limit` when there are that many. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return Math.min(previous[b.length] ?? limit, limit);
}
