import { TIME_TEXT } from "@oddflow/preprocessing";
import { textSql } from "./sql-text.ts";

/** An ISO 8601 text in seconds since 1970, UTC where it names no offset; NULL where it is none. */
export function isoTimeSql(text: string): string {
  const offset = "' ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$'";
  const hyphens = `replace(${text}, '/', '-')`;
  const plain = `replace(${hyphens}, ' ', 'T')`;
  // DuckDB would take a time without an offset for the machine's own zone, and wants seconds, and no space, before one.
  const seconds = `regexp_replace(${hyphens}, '^(.{10}.[0-9]{2}:[0-9]{2})( ?[Z+-])', '\\1:00\\2')`;
  const zoned = `regexp_replace(${seconds}, ' ([Z+-])', '\\1')`;
  return (
    `CASE WHEN NOT regexp_full_match(${text}, ${textSql(TIME_TEXT)}) THEN NULL ` +
    `WHEN contains(${text}, ':') AND regexp_matches(${text}, ${offset}) THEN epoch(TRY_CAST(${zoned} AS TIMESTAMPTZ))::DOUBLE ` +
    `ELSE epoch(TRY_CAST(${plain} AS TIMESTAMP))::DOUBLE END`
  );
}
