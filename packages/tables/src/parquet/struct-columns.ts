import { type StoredColumn, storedColumn } from "../column-storage.ts";
import type { DuckdbSession } from "../duckdb-session.ts";
import { nameSql, textSql } from "../sql-text.ts";
import { describeRelation } from "../table-source.ts";

/*
 * Structs are objects: their fields are columns, with the struct's name and a dot before their own, as those of objects in JSON
 * are. A list, a map and what is in them is no column of values.
 */

/** A struct, or a field of one. */
interface Field {
  readonly name: string;
  readonly sql: string;
  readonly sqlType: string;
  /** In how many structs it is. */
  readonly depth: number;
}

/**
 * The columns of a relation with the fields of structs in the place of these, those of structs in them too. A column that
 * has a dot in its own name counts before a field.
 */
export async function unfoldStructs(
  session: DuckdbSession,
  relation: string,
  columns: readonly StoredColumn[],
): Promise<readonly StoredColumn[]> {
  const taken = new Set(
    columns.filter((column) => !isUnfolded(column)).map(({ name }) => name.toLowerCase()),
  );
  const unfolded: StoredColumn[] = [];
  for (const column of columns) {
    if (!isUnfolded(column)) {
      unfolded.push(column);
      continue;
    }
    const { name, sqlType } = column;
    const { fields, jsonSql } = await fieldsOf(session, relation, {
      name,
      sql: nameSql(name),
      sqlType,
      depth: 0,
    });
    const struct = { ...column, jsonSql };
    for (const field of fields.toSorted((a, b) => a.depth - b.depth)) {
      const lower = field.name.toLowerCase();
      if (taken.has(lower)) continue;
      taken.add(lower);
      unfolded.push({ ...storedColumn(field.name, field.sqlType), field: { of: struct, sql: field.sql } });
    }
  }
  return unfolded;
}

/** A relation with the fields among the columns as columns of its own. */
export function withFields(relation: string, columns: readonly StoredColumn[], condition = ""): string {
  const fields = columns.flatMap(({ name, field }) => (field ? [`${field.sql} AS ${nameSql(name)}`] : []));
  if (fields.length === 0 && condition === "") return relation;
  return `(SELECT ${["*", ...fields].join(", ")} FROM ${relation}${condition})`;
}

function isUnfolded({ sqlType, misread }: StoredColumn): boolean {
  return misread === undefined && isStruct(sqlType);
}

function isStruct(sqlType: string): boolean {
  return sqlType.startsWith("STRUCT(") && sqlType.endsWith(")");
}

/** The fields that are no structs, and how the whole is written as JSON, which has no NaN and no infinity. */
async function fieldsOf(
  session: DuckdbSession,
  relation: string,
  struct: Field,
): Promise<{ readonly fields: readonly Field[]; readonly jsonSql: (value: string) => string }> {
  const fields: Field[] = [];
  const parts: [name: string, jsonSql: (value: string) => string][] = [];
  const own = await describeRelation(session, `(SELECT unnest(${struct.sql}) FROM ${relation})`);
  for (const [key, sqlType] of own) {
    const sql = `struct_extract(${struct.sql}, ${textSql(key)})`;
    const field = { name: `${struct.name}.${key}`, sql, sqlType, depth: struct.depth + 1 };
    const inner = isStruct(sqlType) ? await fieldsOf(session, relation, field) : undefined;
    fields.push(...(inner?.fields ?? [field]));
    parts.push([key, inner?.jsonSql ?? finiteSql(sqlType)]);
  }
  return {
    fields,
    jsonSql(value) {
      const written = parts.map(
        ([key, jsonSql]) => `${nameSql(key)} := ${jsonSql(`struct_extract(${value}, ${textSql(key)})`)}`,
      );
      return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(${written.join(", ")}) END`;
    },
  };
}

function finiteSql(sqlType: string): (value: string) => string {
  const isFloat = sqlType === "FLOAT" || sqlType === "DOUBLE";
  return (value) => (isFloat ? `CASE WHEN isfinite(${value}) THEN ${value} END` : value);
}
