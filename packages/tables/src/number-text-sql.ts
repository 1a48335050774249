import { INFINITY_TEXT, MISSING_TEXTS, NUMBER_TEXT } from "@oddflow/preprocessing";
import { textSql } from "./sql-text.ts";

/*
 * Numbers that come as text, by the rules of preprocessing's record encoder. Each function takes and gives SQL.
 * DuckDB's own cast is no substitute: it takes "1_000" for a thousand.
 */

const number = textSql(NUMBER_TEXT);
const infinity = textSql(INFINITY_TEXT);
const missingPattern = MISSING_TEXTS.map((text) => text.replace(/[^a-z]/g, "\\$&")).join("|");
const missing = textSql(missingPattern);
const numberOrMissing = textSql(`${NUMBER_TEXT}|${INFINITY_TEXT}|${missingPattern}`);

/** The text as DOUBLE; NULL where it is missing or no number. */
export function textAsDouble(text: string): string {
  const trimmed = trimmedSql(text);
  return (
    `CASE WHEN regexp_full_match(${trimmed}, ${number}) THEN TRY_CAST(${trimmed} AS DOUBLE) ` +
    `WHEN regexp_full_match(${trimmed}, ${infinity}, 'i') ` +
    `THEN CASE WHEN starts_with(${trimmed}, '-') THEN '-inf'::DOUBLE ELSE 'inf'::DOUBLE END END`
  );
}

/** Whether the text stands for "no value" in a column of numbers; NULL where there is no text. */
export function textIsMissing(text: string): string {
  return `regexp_full_match(${trimmedSql(text)}, ${missing}, 'i')`;
}

/** Whether the text is a finite number; NULL where there is no text. */
export function textIsNumber(text: string): string {
  return `regexp_full_match(${trimmedSql(text)}, ${number})`;
}

/** Whether the text is neither a number, nor an infinity, nor missing; NULL where there is no text. */
export function textIsNoNumber(text: string): string {
  return `NOT regexp_full_match(${trimmedSql(text)}, ${numberOrMissing}, 'i')`;
}

/** Without the space around it: the four characters that the record encoder takes off. */
function trimmedSql(text: string): string {
  return `trim(${text}, ' \t\r\n')`;
}
