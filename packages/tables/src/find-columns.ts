import { OddflowError } from "@oddflow/preprocessing";
import type { StoredColumn } from "./column-storage.ts";
import type { TableFile } from "./table-files.ts";

/** The most letters by which a column that a message suggests may differ from the one that was asked for. */
const NEAR = 2;

/**
 * The columns of these exact names.
 * @throws OddflowError COLUMNS_MISSING, which names all that are missing and what comes near them.
 */
export function findColumns(
  columns: readonly StoredColumn[],
  names: readonly string[],
  files: readonly TableFile[],
): readonly StoredColumn[] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const missing = [...new Set(names)].filter((name) => !byName.has(name));
  if (missing.length > 0) {
    const list = missing.map((name) => {
      const near = nearestName(name, columns);
      return near === undefined ? `"${name}"` : `"${name}" (it has "${near}")`;
    });
    throw new OddflowError(
      "COLUMNS_MISSING",
      `read table: ${tableName(files)} lacks ${missing.length === 1 ? "the column" : `${missing.length} columns`}: ` +
        `${list.join(", ")}; add or rename ${missing.length === 1 ? "it" : "them"}`,
    );
  }
  return names.map((name) => byName.get(name) as StoredColumn);
}

/** A table as a message calls it. */
export function tableName(files: readonly TableFile[]): string {
  const more = files.length - 1;
  return `${files[0]?.path}${more === 0 ? "" : ` (and ${more} more ${more === 1 ? "file" : "files"})`}`;
}

function nearestName(name: string, columns: readonly StoredColumn[]): string | undefined {
  const wanted = plainName(name);
  let nearest: string | undefined;
  // A short name is near to too many others.
  let least = Math.min(NEAR, Math.floor(wanted.length / 3)) + 1;
  for (const column of columns) {
    const found = plainName(column.name);
    const distance = found === wanted ? 0 : editDistance(found, wanted, least);
    if (distance < least) {
      least = distance;
      nearest = column.name;
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
