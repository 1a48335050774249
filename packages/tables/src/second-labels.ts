import { isNormalName } from "@oddflow/preprocessing";
import { doubleSql, valueTextSql } from "./coding-sql.ts";
import { columnSql, type StoredColumn } from "./column-storage.ts";
import { distinctValues, queryTable } from "./distinct-values.ts";
import type { OpenTable } from "./flow-table.ts";
import { listSql, textSql } from "./sql-text.ts";

/** A column with more distinct values than this is no second label. */
export const MOST_KINDS = 64;

/** So many flows of each class, and on average of each value, before a column that tells them apart is no accident. */
const FEWEST_OF_CLASS = 20;
const FEWEST_OF_VALUE = 10;

/**
 * The columns that tell the label exactly: 2 to 64 values, missing among them, none of which attacks and normal flows
 * share. Only where each class has 20 flows or more, and there are 10 flows or more for each value.
 * @param label the column that says which flows are attacks; a flow without a label is normal
 */
export async function secondLabels(
  open: OpenTable,
  label: StoredColumn,
  columns: readonly StoredColumn[],
): Promise<readonly string[]> {
  if (columns.length === 0) return [];
  const attack = await attackSql(open, label);
  const values = columns.map((column, index) => `coalesce(${columnSql(column)}::VARCHAR, '') AS v${index}`);
  const counts = columns.map((_, index) => `approx_count_distinct(v${index}) AS near${index}`);
  const relation = `(SELECT ${attack} AS attack, ${values.join(", ")} FROM ${open.source.relation(open.files)})`;
  const [about] = await queryTable(
    open,
    `SELECT count_if(attack) AS attacks, ${counts.join(", ")} FROM ${relation}`,
  );
  const attacks = Number(about?.["attacks"]);
  if (Math.min(attacks, open.source.rows - attacks) < FEWEST_OF_CLASS) return [];
  const few = columns
    .map((_, index) => index)
    .filter((index) => Number(about?.[`near${index}`]) <= 2 * MOST_KINDS);
  if (few.length === 0) return [];
  const exact = few.map(
    (index) =>
      `count(DISTINCT v${index}) AS all${index}, count(DISTINCT v${index}) FILTER (attack) AS attacks${index}, ` +
      `count(DISTINCT v${index}) FILTER (NOT attack) AS others${index}`,
  );
  const [row] = await queryTable(open, `SELECT ${exact.join(", ")} FROM ${relation}`);
  return few
    .filter((index) => {
      const [all, ofAttacks, ofOthers] = ["all", "attacks", "others"].map((name) =>
        Number(row?.[`${name}${index}`]),
      );
      return (
        all !== undefined &&
        all <= Math.min(MOST_KINDS, open.source.rows / FEWEST_OF_VALUE) &&
        (ofAttacks ?? 0) + (ofOthers ?? 0) === all
      );
    })
    .map((index) => columns[index]?.name ?? "");
}

/** Whether a flow is an attack, as SQL that is never NULL: as the trainer reads labels. */
async function attackSql(open: OpenTable, label: StoredColumn): Promise<string> {
  if (label.type !== "text") {
    const value = doubleSql(label);
    return `coalesce(${value} <> 0 AND NOT isnan(${value}), false)`;
  }
  const names = await distinctValues(open, label.name, "text", 1024);
  const normal = names.filter(isNormalName);
  const text = valueTextSql(label);
  const isNormal = normal.length === 0 ? "false" : `list_contains(${listSql(normal.map(textSql))}, ${text})`;
  return `coalesce(${text} <> '' AND NOT ${isNormal}, false)`;
}
