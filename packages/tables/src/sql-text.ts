/** A column name as SQL. */
export function nameSql(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text value as SQL. */
export function textSql(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  // DuckDB's parser ends a statement at a NUL.
  return text.includes("\0") ? `(${quoted.replaceAll("\0", "' || chr(0) || '")})` : quoted;
}

/** A list of values as SQL. */
export function listSql(items: readonly string[]): string {
  return `[${items.join(", ")}]`;
}

/** A map of names to values, both as SQL text literals: what `types` and `columns` of DuckDB's readers take. */
export function optionsSql(entries: readonly (readonly [string, string])[]): string {
  return `{${entries.map(([name, value]) => `${textSql(name)}: ${textSql(value)}`).join(", ")}}`;
}
