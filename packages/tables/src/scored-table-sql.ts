import { OddflowError, SCORE_COLUMN } from "@oddflow/preprocessing";
import { columnSql, type StoredColumn } from "./column-storage.ts";
import { csvLine } from "./csv-text.ts";
import type { AddedScores } from "./scored-batch.ts";
import { listSql, textSql } from "./sql-text.ts";

/**
 * A temporary table: `score` FLOAT, `is_anomaly` UTINYINT, `probability` FLOAT, for each top column `top_0`, `top_1`, ...
 * SMALLINT, and, where asked for, `reasons`, `alarm_rule` and `alarm_verdict` VARCHAR.
 */
export const SCORES = "oddflow_scores";

export type OutputFormat = "parquet" | "csv" | "tsv" | "ndjson";

const OUTPUT_FORMATS: Readonly<Record<string, OutputFormat>> = {
  ".parquet": "parquet",
  ".csv": "csv",
  ".tsv": "tsv",
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
  ".log": "tsv",
};

const COPY_OPTIONS: Readonly<Record<OutputFormat, string>> = {
  parquet: "FORMAT parquet, COMPRESSION zstd",
  csv: "FORMAT csv",
  tsv: "FORMAT csv",
  ndjson: "FORMAT json",
};

const DELIMITERS = { csv: ",", tsv: "\t" };

/** @throws OddflowError USAGE for an extension of no known format. */
export function outputFormatOf(path: string): OutputFormat {
  const extension = /\.[^./\\]*$/.exec(path)?.[0] ?? "";
  const format = OUTPUT_FORMATS[extension.toLowerCase()];
  if (format === undefined) {
    throw new OddflowError(
      "USAGE",
      `write scored table: ${path} ends in no known format; end it in ${Object.keys(OUTPUT_FORMATS).join(", ")}`,
    );
  }
  return format;
}

/** Whether a format holds cells of text. */
export function isTextFormat(format: OutputFormat): format is "csv" | "tsv" {
  return format === "csv" || format === "tsv";
}

export interface ScoredCopy {
  /** The input's rows, as SQL. */
  readonly relation: string;
  /** The input's columns that come along. */
  readonly kept: readonly StoredColumn[];
  readonly format: OutputFormat;
  readonly top: { readonly names: readonly string[]; readonly count: number } | undefined;
  readonly reasons: boolean;
  readonly rules: boolean;
  /** Whether a format with a header begins with it. */
  readonly header: boolean;
  readonly to: string;
}

/** The statement that makes the table of scores. */
export function createScoresSql({ topCount, reasons, rules }: AddedScores): string {
  const top = Array.from({ length: topCount }, (_, index) => `, top_${index} SMALLINT`);
  const names = [...(reasons ? ["reasons"] : []), ...(rules ? ["alarm_rule", "alarm_verdict"] : [])];
  const text = names.map((name) => `, ${name} VARCHAR`).join("");
  return `CREATE TEMP TABLE ${SCORES} (score FLOAT, is_anomaly UTINYINT, probability FLOAT${top.join("")}${text})`;
}

/** The statement that writes the input's rows beside their scores. */
export function copySql({ relation, kept, format, top, reasons, rules, header, to }: ScoredCopy): string {
  const columns = kept.map((column) => {
    const name = columnSql(column);
    return `${keptSql(`flows.${name}`, column, format)} AS ${name}`;
  });
  const added = scoreColumnsSql({ format, top, reasons, rules });
  columns.push(...added.map(([name, value]) => `${value} AS ${name}`));
  // A positional join reads both sides in their order, on one thread each.
  const from =
    kept.length === 0 ? `${SCORES} AS scores` : `${relation} AS flows POSITIONAL JOIN ${SCORES} AS scores`;
  const options = [COPY_OPTIONS[format], "USE_TMP_FILE false"];
  if (isTextFormat(format)) {
    const delimiter = DELIMITERS[format];
    options.push(`DELIMITER ${textSql(delimiter)}`, "HEADER false");
    const cells = [...kept.map(({ name, headerCell = name }) => headerCell), ...added.map(([name]) => name)];
    // DuckDB would number names that stand twice. The suffix ends the last line.
    if (header) options.push(`PREFIX ${textSql(csvLine(cells, delimiter))}`, "SUFFIX '\n'");
  }
  return `COPY (SELECT ${columns.join(", ")} FROM ${from}) TO ${textSql(to)} (${options.join(", ")})`;
}

/** A query for what is added to each row, in their order: the text of a JSON object. */
export function scoreObjectsSql(table: Pick<ScoredCopy, "top" | "reasons" | "rules">): string {
  const fields = scoreColumnsSql({ ...table, format: "ndjson" }).map(([name, value]) => `${name}: ${value}`);
  return `SELECT to_json({${fields.join(", ")}})::VARCHAR FROM ${SCORES} AS scores`;
}

/** The columns that are added, with their SQL. */
function scoreColumnsSql({
  format,
  top,
  reasons,
  rules,
}: Pick<ScoredCopy, "format" | "top" | "reasons" | "rules">): (readonly [name: string, value: string])[] {
  const columns: (readonly [string, string])[] = [
    [SCORE_COLUMN.score, "scores.score"],
    [SCORE_COLUMN.isAnomaly, "scores.is_anomaly <> 0"],
    [SCORE_COLUMN.rarity, "scores.probability"],
  ];
  if (top !== undefined)
    columns.push([SCORE_COLUMN.topColumns, topColumnsSql(top.names, top.count, isTextFormat(format))]);
  // JSON lines hold JSON itself, other formats its text.
  if (reasons) columns.push([SCORE_COLUMN.reasons, `scores.reasons${format === "ndjson" ? "::JSON" : ""}`]);
  if (rules)
    columns.push(
      [SCORE_COLUMN.rule, "scores.alarm_rule"],
      [SCORE_COLUMN.ruleVerdict, "scores.alarm_verdict"],
    );
  return columns;
}

function keptSql(value: string, column: StoredColumn, format: OutputFormat): string {
  if (format === "ndjson" && column.jsonSql !== undefined) return column.jsonSql(value);
  // JSON has no NaN and no infinity.
  if (format === "ndjson" && column.storage === "float")
    return `CASE WHEN isfinite(${value}) THEN ${value} END`;
  // Parquet has no 128-bit integers, and DuckDB would write the nearest DOUBLE.
  if (format === "parquet" && /^U?HUGEINT$/.test(column.sqlType)) return `${value}::DECIMAL(38, 0)`;
  return value;
}

function topColumnsSql(names: readonly string[], count: number, isText: boolean): string {
  const positions = Array.from({ length: count }, (_, index) => `scores.top_${index}`);
  const known = `list_filter(${listSql(positions)}::INTEGER[], lambda place: place >= 0)`;
  const list = `${listSql(names.map(textSql))}::VARCHAR[]`;
  const named = `list_transform(${known}, lambda place: list_extract(${list}, place + 1))`;
  return isText ? `array_to_string(${named}, ', ')` : named;
}
