import { readFileSync } from "node:fs";

/** A host window of `oddflow hosts`, as it writes it. */
export interface HostRow {
  readonly host: string;
  readonly network: string | null;
  readonly window_start: string;
  readonly flows: number;
  readonly alarms: number;
  readonly score: number;
}

export function readHostRows(path: string): HostRow[] {
  return readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as HostRow);
}

/** Ways to put host windows in order, the oddest first. */
export const RANKINGS: Readonly<Record<string, (row: HostRow) => number>> = {
  "oddflow hosts": ({ score }) => score,
  "alarms at 1 % of the flows": ({ alarms }) => alarms,
};

/**
 * The share of the attacked windows that is above all but `falseWindows` of the others. Of ties none is taken: what many share
 * cannot be told apart.
 */
export function foundAt(
  rows: readonly HostRow[],
  isAttacked: (row: HostRow) => boolean,
  ranking: (row: HostRow) => number,
  falseWindows: number,
): number {
  const usual = rows
    .filter((row) => !isAttacked(row))
    .map(ranking)
    .sort((a, b) => b - a);
  const threshold = usual[falseWindows] ?? Number.NEGATIVE_INFINITY;
  const attacked = rows.filter(isAttacked);
  return attacked.filter((row) => ranking(row) > threshold).length / attacked.length;
}
