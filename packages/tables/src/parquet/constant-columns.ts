import { type AddedColumn, addedTextColumn } from "./added-columns.ts";
import { dataPage, ENCODING, sameIndexes, sameLevels } from "./page-encoding.ts";
import type { ScorePage } from "./score-pages.ts";

/** A column of texts of which every row of a file has the same one. */
export interface ConstantColumn {
  readonly name: string;
  /** By the files' paths; null where it is missing. */
  readonly values: ReadonlyMap<string, string | null>;
}

/** A page says in 32 bits how many values it has. */
const MOST_VALUES = 2 ** 30;

/** The column as it is in a row group of one file, and its pages there. */
export function constantPages(
  { name, values }: ConstantColumn,
  path: string,
  rows: number,
): { readonly column: AddedColumn; readonly pages: readonly ScorePage[] } {
  const text = values.get(path) ?? null;
  const pages: ScorePage[] = [];
  for (let first = 0; first < rows; first += MOST_VALUES) {
    pages.push(constantPage(text !== null, Math.min(MOST_VALUES, rows - first)));
  }
  return { column: addedTextColumn(name, text === null ? undefined : [text]), pages };
}

function constantPage(isPresent: boolean, values: number): ScorePage {
  const levels = sameLevels(isPresent ? 1 : 0, values);
  const content = isPresent ? Buffer.concat([levels, sameIndexes(values)]) : levels;
  return { ...dataPage(values, isPresent ? ENCODING.dictionary : ENCODING.plain, content), values };
}
