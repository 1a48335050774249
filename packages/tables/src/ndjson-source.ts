import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { findSensor, LONGEST_LINE } from "@oddflow/flow-sources";
import { type StoredColumn, storedColumn } from "./column-storage.ts";
import type { DuckdbSession } from "./duckdb-session.ts";
import { copyPath } from "./folder-columns.ts";
import { writePlainCopy } from "./json/plain-copy.ts";
import { type JsonSurvey, KIND, type SurveyedKey, surveyJson } from "./json/survey.ts";
import { optionsSql } from "./sql-text.ts";
import type { TableFile } from "./table-files.ts";
import { emptyTable, type FileReading, noFlows, readerSql, type TableSource } from "./table-source.ts";

/** Records that are longer need more than DuckDB's own limit, with what is around them. */
const LONG_RECORD = 8 * 1024 * 1024;

const FORMATS = { lines: "newline_delimited", list: "array", sequence: "unstructured" } as const;

/**
 * JSON lines (a .json file may also be a list of objects, or objects over several lines). Every record is looked at once,
 * by the rules of `readJsonRecord`, which are those of all of Oddflow: so it is known which keys there are and what they
 * hold, and what is wrong is said with its line. DuckDB then reads the values. Times are read as the text that they are,
 * nested values as JSON, so that nothing is lost. What DuckDB would refuse or read in another way, it gets a copy of.
 */
export async function openNdjson(session: DuckdbSession, files: readonly TableFile[]): Promise<TableSource> {
  const survey = await surveyJson(files);
  if (survey.rows === 0)
    throw noFlows(
      files,
      survey.files.flatMap(({ leftOut }) => [...leftOut]),
    );
  if (survey.keys.size === 0) throw emptyTable(files, "its records have no fields");
  const sqlNames = columnNames([...survey.keys.keys()]);
  const copies = await copyOddFiles(session, files, survey, sqlNames);
  const copyOf = new Map([...copies].map(([path, file]) => [file.path, path]));
  const layout = copies.size > 0 ? "lines" : (survey.files[0]?.layout ?? "lines");
  const longest = Math.max(...survey.files.map((file) => file.longest));
  const format = [
    `format = '${FORMATS[layout]}'`,
    ...(longest > LONG_RECORD ? [`maximum_object_size = ${2 * LONGEST_LINE}`] : []),
  ];
  const columns = [...survey.keys].map(([name, key]): StoredColumn => {
    const sqlName = sqlNames.get(name) ?? name;
    const column = jsonColumn(name, key);
    return sqlName === name ? column : { ...column, sqlName };
  });
  const keysOf = new Map(files.map((file, index) => [file.path, survey.files[index]?.keys]));
  const types = optionsSql(columns.map(({ name, sqlName = name, sqlType }) => [sqlName, sqlType]));
  return {
    columns,
    objects: survey.objects,
    rows: survey.rows,
    readings: survey.files.map(({ keys, leftOut, isSampled }, index): FileReading => {
      const { path = "", sensor = findSensor([...keys]) } = files[index] ?? {};
      const counts = isSampled
        ? `, ${sensor?.sampling?.counts.join(" and ")} multiplied by ${sensor?.sampling?.rate}`
        : "";
      return { path, takenFor: sensor && `${sensor.title}${counts}`, leftOut };
    }),
    copies,
    ...(files.length > 1 ? { columnsOf: (file: TableFile) => keysOf.get(file.path) ?? new Set() } : {}),
    mayLackColumns: true,
    relation(some, pathColumn) {
      const read = some.map((file) => ({ ...file, path: copyOf.get(file.path) ?? file.path }));
      return readerSql("read_json", read, [...format, `columns = ${types}`], pathColumn);
    },
  };
}

/** Names for DuckDB's columns: none empty, with a NUL, or different from another in the case of ASCII letters only. */
function columnNames(keys: readonly string[]): ReadonlyMap<string, string> {
  const lower = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const taken = new Set<string>();
  const names = new Map<string, string>();
  for (const key of keys) {
    const written = key.replaceAll("\0", "\ufffd");
    let name = written;
    for (let n = 1; name === "" || taken.has(lower(name)); n++) name = `${written}_${n}`;
    taken.add(lower(name));
    names.set(key, name);
  }
  return names;
}

/** Copies of the files that DuckDB cannot read as they are, by their paths; of all files where one reader must read them. */
async function copyOddFiles(
  session: DuckdbSession,
  files: readonly TableFile[],
  survey: JsonSurvey,
  names: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, TableFile>> {
  const isRenamed = [...names].some(([key, name]) => key !== name);
  const layouts = new Set(survey.files.map(({ layout }) => layout));
  const copies = new Map<string, TableFile>();
  const areOdd =
    isRenamed || survey.files.some(({ isOdd }) => isOdd) || files.some((file) => !file.isUnpackedByName);
  if (!areOdd && layouts.size === 1) return copies;
  for (const [index, file] of files.entries()) {
    const { layout = "lines", isOdd = false, isSampled = false, leftOut } = survey.files[index] ?? {};
    if (layout === "lines" && !isOdd && !isRenamed && file.isUnpackedByName) continue;
    const path = copyPath(session.folder, file, `plain-${index}.ndjson`);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writePlainCopy(file, path, (key) => names.get(key), isSampled || (leftOut?.size ?? 0) > 0);
    copies.set(path, file);
  }
  return copies;
}

/** A column whose values are of these kinds. What fits no type of DuckDB's without loss is read as text or as JSON. */
function jsonColumn(name: string, { kinds, nestedAt }: SurveyedKey): StoredColumn {
  const present = kinds & ~KIND.null;
  if (nestedAt !== undefined) return { ...storedColumn(name, "JSON"), type: "other", nestedAt };
  switch (present) {
    case KIND.integer:
      return storedColumn(name, "BIGINT");
    case KIND.boolean:
      return storedColumn(name, "BOOLEAN");
    case KIND.text:
    case KIND.text | KIND.time:
      return storedColumn(name, "VARCHAR");
    case KIND.time:
      return { ...storedColumn(name, "VARCHAR"), type: "time" };
    case KIND.wide:
    case KIND.wide | KIND.integer:
      // Wider than 64 bits: identifiers, whose digits must stay.
      return { ...storedColumn(name, "VARCHAR"), type: "integer" };
    default:
      return (present & ~(KIND.integer | KIND.wide | KIND.number)) === 0 && present !== 0
        ? storedColumn(name, "DOUBLE")
        : storedColumn(name, "JSON");
  }
}
