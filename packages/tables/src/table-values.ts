import {
  type KindsByLabel,
  type LabelColumn,
  type NumberForms,
  type NumberRange,
  type NumberSteps,
  normalLabels,
  type TableValues,
} from "@oddflow/preprocessing";
import { doubleSql, noNumberSql, valueTextSql } from "./coding-sql.ts";
import { columnSql, type StoredColumn } from "./column-storage.ts";
import { distinctValues, queryTable } from "./distinct-values.ts";
import { findColumns } from "./find-columns.ts";
import { firstWhere } from "./first-value.ts";
import type { FlowTable, OpenTable } from "./flow-table.ts";
import { listSql, textSql } from "./sql-text.ts";
import { textForms } from "./text-columns.ts";
import { valueSpans } from "./value-spans.ts";

/** What roles are decided by, answered by the database in one pass each. */
export function valuesOf(table: FlowTable, open: OpenTable): TableValues {
  const find = (names: readonly string[]): readonly StoredColumn[] =>
    findColumns(open.source.columns, names, open.files);
  const one = (name: string): StoredColumn => find([name])[0] as StoredColumn;
  return {
    rows: table.rows,
    countDistinct: (names, cap) => table.countDistinct(names, cap),
    countPresent: (names) => countPresent(open, find(names)),
    numberForms: (names) => numberForms(open, find(names)),
    textForms: (names) => textForms(open, find(names)),
    distinctTexts: (name, most) => table.distinctValues(name, "text", most),
    firstNoNumber: (name) => firstWhere(open, one(name), noNumberSql(one(name)) ?? "false"),
    numberRanges: (names) => numberRanges(open, find(names)),
    numberSteps: (names) => numberSteps(open, find(names)),
    valueSpans: (names) => valueSpans(open, find(names)),
    countAttacks: (label) => countAttacks(open, one(label.name), label),
    kindsByLabel: async (label, names, most) =>
      kindsByLabel(open, await attackSql(open, one(label.name), label), find(names), most),
  };
}

async function countPresent(open: OpenTable, columns: readonly StoredColumn[]): Promise<readonly number[]> {
  if (columns.length === 0) return [];
  const counts = columns.map((column, index) => `count(${columnSql(column)}) AS c${index}`);
  const [row] = await queryTable(
    open,
    `SELECT ${counts.join(", ")} FROM ${open.source.relation(open.files)}`,
  );
  return columns.map((_, index) => Number(row?.[`c${index}`]));
}

async function numberForms(
  open: OpenTable,
  columns: readonly StoredColumn[],
): Promise<readonly NumberForms[]> {
  if (columns.length === 0) return [];
  const values = columns.map((column, index) => {
    const value = doubleSql(column);
    return `CASE WHEN isfinite(${value}) THEN ${value} END AS v${index}`;
  });
  const forms = columns.map(
    (_, index) =>
      `count(v${index}) AS present${index}, count_if(v${index} <> floor(v${index})) AS fractions${index}, ` +
      `min(v${index}) AS least${index}, max(v${index}) AS most${index}`,
  );
  const relation = open.source.relation(open.files);
  const [row] = await queryTable(
    open,
    `SELECT ${forms.join(", ")} FROM (SELECT ${values.join(", ")} FROM ${relation})`,
  );
  return columns.map((_, index) => ({
    present: Number(row?.[`present${index}`]),
    fractions: Number(row?.[`fractions${index}`]),
    least: Number(row?.[`least${index}`]),
    most: Number(row?.[`most${index}`]),
  }));
}

async function numberRanges(
  open: OpenTable,
  columns: readonly StoredColumn[],
): Promise<readonly (NumberRange | undefined)[]> {
  if (columns.length === 0) return [];
  const values = columns.map((column, index) => `nullif(${doubleSql(column)}, 0) AS v${index}`);
  const ranges = columns.map(
    (_, index) =>
      `min(v${index}) AS least${index}, max(v${index}) AS most${index}, approx_count_distinct(v${index}) AS distinct${index}`,
  );
  const relation = open.source.relation(open.files);
  const [row] = await queryTable(
    open,
    `SELECT ${ranges.join(", ")} FROM (SELECT ${values.join(", ")} FROM ${relation})`,
  );
  return columns.map((_, index) => {
    const least = row?.[`least${index}`];
    if (least === null) return undefined;
    return {
      least: Number(least),
      most: Number(row?.[`most${index}`]),
      distinct: Number(row?.[`distinct${index}`]),
    };
  });
}

async function numberSteps(
  open: OpenTable,
  columns: readonly StoredColumn[],
): Promise<readonly NumberSteps[]> {
  if (columns.length === 0) return [];
  const values = columns.map((column, index) => `${doubleSql(column)} AS v${index}`);
  const risen = columns.map((_, index) => `v${index} - lag(v${index}) OVER () AS d${index}, v${index}`);
  const counts = columns.map(
    (_, index) =>
      `count_if(d${index} = 1) AS risen${index}, count(v${index}) AS present${index}, ` +
      `max(v${index}) - min(v${index}) + 1 AS width${index}`,
  );
  const relation = open.source.relation(open.files);
  const [row] = await queryTable(
    open,
    `SELECT ${counts.join(", ")} FROM (SELECT ${risen.join(", ")} FROM (SELECT ${values.join(", ")} FROM ${relation}))`,
  );
  return columns.map((_, index) => ({
    risen: Number(row?.[`risen${index}`]),
    present: Number(row?.[`present${index}`]),
    width: Number(row?.[`width${index}`]),
  }));
}

async function countAttacks(open: OpenTable, column: StoredColumn, label: LabelColumn): Promise<number> {
  const attack = await attackSql(open, column, label);
  const [row] = await queryTable(
    open,
    `SELECT count_if(${attack}) AS attacks FROM ${open.source.relation(open.files)}`,
  );
  return Number(row?.["attacks"]);
}

/** One pass that estimates how many values there are, one that counts where these are few. */
async function kindsByLabel(
  open: OpenTable,
  attack: string,
  columns: readonly StoredColumn[],
  most: number,
): Promise<readonly (KindsByLabel | undefined)[]> {
  const values = columns.map((column, index) => `coalesce(${columnSql(column)}::VARCHAR, '') AS v${index}`);
  const relation = `(SELECT ${attack} AS attack, ${values.join(", ")} FROM ${open.source.relation(open.files)})`;
  const estimates = columns.map((_, index) => `approx_count_distinct(v${index}) AS near${index}`);
  const [near] = await queryTable(open, `SELECT ${estimates.join(", ")} FROM ${relation}`);
  const isFew = columns.map((_, index) => Number(near?.[`near${index}`]) <= 2 * most);
  if (!isFew.includes(true)) return columns.map(() => undefined);
  const counts = columns.flatMap((_, index) =>
    isFew[index]
      ? [
          `count(DISTINCT v${index}) AS all${index}, count(DISTINCT v${index}) FILTER (attack) AS attacks${index}, ` +
            `count(DISTINCT v${index}) FILTER (NOT attack) AS others${index}`,
        ]
      : [],
  );
  const [row] = await queryTable(open, `SELECT ${counts.join(", ")} FROM ${relation}`);
  const count = (name: string): number => Number(row?.[name]);
  return columns.map((_, index) =>
    isFew[index]
      ? { all: count(`all${index}`), ofAttacks: count(`attacks${index}`), ofOthers: count(`others${index}`) }
      : undefined,
  );
}

/** Whether a flow is an attack, as SQL that is never NULL: as labels are read; one without a label is normal. */
async function attackSql(open: OpenTable, column: StoredColumn, { normal }: LabelColumn): Promise<string> {
  if (column.type !== "text" && normal.length === 0) {
    const value = doubleSql(column);
    return `coalesce(${value} <> 0 AND NOT isnan(${value}), false)`;
  }
  const isNumber = column.type === "integer" || column.type === "number";
  const names = await distinctValues(open, column.name, isNumber ? "number" : "text", 1024);
  const normals = names.filter(normalLabels(normal));
  const text = isNumber ? doubleSql(column) : valueTextSql(column);
  const listed = normals.map((name) => (isNumber ? `${name}::DOUBLE` : textSql(name)));
  const isNormal = listed.length === 0 ? "false" : `list_contains(${listSql(listed)}, ${text})`;
  const isMissing = isNumber ? `isnan(${text})` : `${text} = ''`;
  return `coalesce(NOT ${isMissing} AND NOT ${isNormal}, false)`;
}
