import { doubleSql } from "./coding-sql.ts";
import type { StoredColumn } from "./column-storage.ts";
import { queryTable } from "./distinct-values.ts";
import type { OpenTable } from "./flow-table.ts";

/** In fewer rows a measure may rise by one from row to row. */
const FEWEST_ROWS = 20;

/** The share of the rows in which the value is one more than in the row before; files may be joined, rows left out. */
const RISING = 0.99;

/** The names that a table's index has where it is written without one of its own. */
const INDEX_NAME =
  /^(|unnamed[:_ ]*\d*|index|level_\d+|column0|__index_level_\d+__|row(_?(id|number|num|no))?)$/i;

/**
 * The columns of whole numbers that count the rows: one more in each row than in the row before, or, in any order, every
 * number from the least to the greatest once; with an index's name, any number once.
 */
export async function rowNumbers(
  open: OpenTable,
  columns: readonly StoredColumn[],
): Promise<readonly string[]> {
  const { rows } = open.source;
  if (columns.length === 0 || rows < FEWEST_ROWS) return [];
  const values = columns.map((column, index) => `${doubleSql(column)} AS v${index}`);
  const risen = columns.map((_, index) => `v${index} - lag(v${index}) OVER () AS d${index}, v${index}`);
  const counts = columns.map(
    (_, index) =>
      `count_if(d${index} = 1) AS risen${index}, approx_count_distinct(v${index}) AS distinct${index}, ` +
      `count(v${index}) AS present${index}, max(v${index}) - min(v${index}) + 1 AS width${index}`,
  );
  const relation = open.source.relation(open.files);
  const [row] = await queryTable(
    open,
    `SELECT ${counts.join(", ")} FROM (SELECT ${risen.join(", ")} FROM (SELECT ${values.join(", ")} FROM ${relation}))`,
  );
  const count = (name: string): number => Number(row?.[name]);
  const likely = columns.filter((column, index) => {
    if (count(`risen${index}`) >= RISING * (rows - 1)) return true;
    const isDense = count(`width${index}`) === rows || INDEX_NAME.test(column.name.trim());
    // The estimate is a few per cent off.
    return isDense && count(`present${index}`) === rows && count(`distinct${index}`) >= 0.8 * rows;
  });
  const rising = likely.filter((column) => count(`risen${columns.indexOf(column)}`) >= RISING * (rows - 1));
  const unique = likely.filter((column) => !rising.includes(column));
  if (unique.length === 0) return rising.map(({ name }) => name);
  const exact = unique.map((column, index) => `count(DISTINCT ${doubleSql(column)}) AS c${index}`);
  const [distinct] = await queryTable(open, `SELECT ${exact.join(", ")} FROM ${relation}`);
  const once = unique.filter((_, index) => Number(distinct?.[`c${index}`]) === rows);
  return [...rising, ...once].map(({ name }) => name);
}
