import type { ColumnType, TableColumn } from "@oddflow/preprocessing";
import { nameSql } from "./sql-text.ts";

/**
 * How DuckDB holds a column, as far as reading it as a number or a category goes. "integer" fits in 64 bits;
 * "exact" is a number whose cast to DOUBLE would round twice, so it goes through its text; "json" holds a value of any
 * kind in each row.
 */
type ColumnStorage =
  | "integer"
  | "float"
  | "decimal"
  | "exact"
  | "boolean"
  | "text"
  | "json"
  | "time"
  | "other";

/** A column as it is read from a file. */
export interface StoredColumn extends TableColumn {
  readonly storage: ColumnStorage;
  /** DuckDB's type, e.g. BIGINT or DECIMAL(9,2). */
  readonly sqlType: string;
  /** What DuckDB calls it, where the name is none that it can use: it takes no empty name, no NUL, and "n" and "N" for one. */
  readonly sqlName?: string;
  /** How the header of CSV writes the name, where it does so in another way: with space around it, or as another column's. */
  readonly headerCell?: string;
  /** By each file's path: the value of all of its rows, null where that is missing, if it stands in the names of its folders. */
  readonly folderValues?: ReadonlyMap<string, string | null>;
  /** Where the first list or object stands, in words; absent where there is none, and for formats that have types of their own. */
  readonly nestedAt?: string;
  /** The column that it is a field of, and the field as SQL; absent for what is a column of its own. */
  readonly field?: { readonly of: StoredColumn; readonly sql: string };
  /** How a value is written as JSON, where DuckDB would not do it so: given the value, as SQL. */
  readonly jsonSql?: (value: string) => string;
  /** What it is, in words, where DuckDB would give other values than the file holds; absent elsewhere. */
  readonly misread?: string;
  /** Whether it holds points of time in nanoseconds, which DuckDB gives in microseconds. */
  readonly isCutToMicroseconds?: boolean;
}

/** A column as SQL. */
export function columnSql({ name, sqlName = name }: StoredColumn): string {
  return nameSql(sqlName);
}

/** Digits that DOUBLE holds exactly; a DECIMAL that is no wider becomes DOUBLE with one rounding. */
const EXACT_DIGITS = 15;

/** What a DuckDB type is, from its name in DESCRIBE. */
function columnStorage(sqlType: string): ColumnStorage {
  if (sqlType.endsWith("]")) return "other";
  if (/^(U?(TINY|SMALL|BIG)INT|U?INTEGER)$/.test(sqlType)) return "integer";
  if (/^U?HUGEINT$/.test(sqlType)) return "exact";
  const decimal = /^DECIMAL\((\d+),/.exec(sqlType);
  if (decimal !== null) return Number(decimal[1]) <= EXACT_DIGITS ? "decimal" : "exact";
  if (sqlType === "FLOAT" || sqlType === "DOUBLE") return "float";
  if (sqlType === "BOOLEAN") return "boolean";
  if (sqlType === "VARCHAR" || sqlType === "UUID" || sqlType.startsWith("ENUM(")) return "text";
  if (sqlType === "JSON") return "json";
  if (/^(DATE|TIME|TIMESTAMP|INTERVAL)/.test(sqlType)) return "time";
  return "other";
}

/** The type that a column of this DuckDB type has for the rest of Oddflow. */
export function columnType(sqlType: string): ColumnType {
  const storage = columnStorage(sqlType);
  switch (storage) {
    case "exact":
      return sqlType.endsWith("INT") ? "integer" : "number";
    case "float":
    case "decimal":
      return "number";
    case "json":
      return "text";
    default:
      return storage;
  }
}

/** A column whose type is what its DuckDB type says. */
export function storedColumn(name: string, sqlType: string): StoredColumn {
  return { name, type: columnType(sqlType), storage: columnStorage(sqlType), sqlType };
}
