import { type ContextColumnNames, MISSING_TEXTS } from "@oddflow/preprocessing";
import { readCells } from "../cell-text.ts";
import { codingSql, doubleSql, valueTextSql } from "../coding-sql.ts";
import type { StoredColumn } from "../column-storage.ts";
import { findColumns } from "../find-columns.ts";
import type { OpenTable } from "../flow-table.ts";
import { listSql, textSql } from "../sql-text.ts";
import type { TableFile } from "../table-files.ts";
import { contextCodings } from "./context-codings.ts";

/** What the context of a table's flows is counted from, as SQL. */
export interface ContextInputs {
  /**
   * In the order of INPUT: keys as UBIGINT, of which 0 stands for a source or destination that is missing; amounts as DOUBLE;
   * failed as 0 or 1, a DOUBLE.
   */
  readonly expressions: readonly string[];
  relation(files: readonly TableFile[]): string;
}

/** Where each input is, and behind them the row's number and its time. */
export const INPUT = {
  source: 0,
  destination: 1,
  port: 2,
  bytes: 3,
  packets: 4,
  failed: 5,
  row: 6,
  time: 7,
} as const;

/** @throws OddflowError COLUMNS_MISSING, COLUMN_TYPE */
export function contextInputSql({ source, files }: OpenTable, spec: ContextColumnNames): ContextInputs {
  const codings = contextCodings(spec);
  const names = codings.map(({ name }) => name);
  const read = readCells(source, findColumns(source.columns, names, files), codings);
  const byName = new Map(read.columns.map((column) => [column.name, column]));
  const column = (name: string): StoredColumn => byName.get(name) as StoredColumn;
  for (const coding of codings) codingSql(coding, column(coding.name));
  const text = (name: string | undefined): string[] =>
    name === undefined ? [] : [`coalesce(${valueTextSql(column(name))}, '')`];
  const key = (columns: readonly string[]): string => {
    const present = columns.map((name) => presentSql(valueTextSql(column(name))));
    const address = present.length === 1 ? present[0] : `coalesce(${present.join(", ")})`;
    const hashed = `hash(${[address, ...text(spec.network)].join(", ")})`;
    return `CASE WHEN ${address} IS NULL THEN 0::UBIGINT ELSE ${hashed} END`;
  };
  const sum = (columns: readonly string[]): string =>
    columns.length === 0
      ? "0::DOUBLE"
      : columns.map((name) => finiteSql(doubleSql(column(name)))).join(" + ");
  const port = [...text(spec.port), ...text(spec.protocol), ...text(spec.network)];
  return {
    expressions: [
      key(spec.source),
      key(spec.destination),
      port.length === 0 ? "0::UBIGINT" : `hash(${port.join(", ")})`,
      sum(spec.bytes),
      sum(spec.packets),
      failedSql(spec, column),
    ],
    relation: (some) => read.relation(some),
  };
}

function failedSql({ failed }: ContextColumnNames, column: (name: string) => StoredColumn): string {
  if (failed === undefined) return "0::DOUBLE";
  const isFailed =
    "unanswered" in failed
      ? `${doubleSql(column(failed.unanswered))} = 0`
      : `list_contains(${listSql(failed.values.map(textSql))}::VARCHAR[], ${valueTextSql(column(failed.column))})`;
  return `coalesce((${isFailed})::INTEGER, 0)::DOUBLE`;
}

const MISSING = `${listSql(MISSING_TEXTS.map(textSql))}::VARCHAR[]`;

/** A text; NULL where it stands for no value. No IN, which DuckDB makes a join of, and a stream of a join has no order. */
function presentSql(text: string): string {
  return `CASE WHEN NOT list_contains(${MISSING}, lower(${text})) THEN ${text} END`;
}

function finiteSql(value: string): string {
  return `CASE WHEN isfinite(${value}) THEN ${value} ELSE 0 END`;
}
