import { createHash } from "node:crypto";
import { type ContextSpec, OddflowError, timeUnitOf } from "@oddflow/preprocessing";
import { checkOpenContext } from "../check-columns.ts";
import { type FlowTable, type OpenTable, openTableOf } from "../flow-table.ts";
import { schemaBytes } from "../parquet/joined-footer.ts";
import { readTimes } from "../read-times.ts";
import { rowGroupsOf } from "../row-ranges.ts";
import { nameSql } from "../sql-text.ts";
import { blameFile } from "../table-source.ts";
import { timeSql } from "../time-sql.ts";
import { readUnchanged } from "../unchanged-files.ts";
import { type KnownFile, knownFile } from "./known-file.ts";

/** One of a table's Parquet files, as those who score some of its rows need to know it. */
export interface SurveyedFile extends KnownFile {
  /** The rows of each row group. */
  readonly rowGroups: readonly number[];
  /** Which form its columns have: files of one number have the same columns in the same form. */
  readonly form: number;
  /** The earliest and the latest time of its flows, in the unit of the time column; absent where no context is counted, or none has a time. */
  readonly times?: readonly [from: number, to: number];
}

/** What is known of a table's files before some of its rows are scored. */
export interface TableSurvey {
  readonly files: readonly SurveyedFile[];
  /** Of the column of times that context is counted by; 1 where none is counted. */
  readonly unitsPerSecond: number;
}

/** No column of a table is called so. */
const PATH_COLUMN = "oddflow path";

/**
 * Looks at each file of a table, one after the other.
 * @param context what the model sees flows in: then one pass over the times is made
 * @throws OddflowError USAGE for what is no Parquet, or is such that no rows of it can be read alone; what reading times throws
 */
export async function surveyFiles(table: FlowTable, context: ContextSpec | undefined): Promise<TableSurvey> {
  const open = openTableOf(table);
  const rowGroups = rowGroupsOf(open);
  if (rowGroups === undefined) {
    const what =
      table.format === "parquet"
        ? "has records that are no flows, or a column file_row_number, and cannot be read in parts"
        : "is no Parquet, and only Parquet is cut into shards";
    throw new OddflowError(
      "USAGE",
      `shard plan: ${table.paths[0]} ${what}; score it with score-batch, or make Parquet of it first`,
    );
  }
  const { times, unitsPerSecond } = await timesOf(open, context);
  const forms = new Map<string, number>();
  const files = table.paths.map((path, k): SurveyedFile => {
    const { bytes, modified, footer, read } = knownFile(path);
    const schema = createHash("sha256").update(schemaBytes(read.footer)).digest("hex");
    if (!forms.has(schema)) forms.set(schema, forms.size);
    const own = times.get(path);
    return {
      path,
      bytes,
      modified,
      footer,
      rowGroups: rowGroups[k] as readonly number[],
      form: forms.get(schema) as number,
      ...(own === undefined ? {} : { times: own }),
    };
  });
  return { files, unitsPerSecond };
}

interface TimesOfFiles {
  readonly times: ReadonlyMap<string, readonly [from: number, to: number]>;
  readonly unitsPerSecond: number;
}

async function timesOf(open: OpenTable, context: ContextSpec | undefined): Promise<TimesOfFiles> {
  if (context === undefined) return { times: new Map(), unitsPerSecond: 1 };
  const { session, files, source } = open;
  return readUnchanged("read table", files, async () => {
    await checkOpenContext(open, context);
    const { value, isSeconds } = await timeSql(open, context.time);
    const path = nameSql(PATH_COLUMN);
    const relation = `(SELECT ${path}, ${value} AS time FROM ${source.relation(files, PATH_COLUMN)})`;
    const sql = `SELECT ${path} AS path, min(time) AS least, max(time) AS most FROM ${relation} WHERE isfinite(time) GROUP BY path`;
    const rows = await session.query(sql).catch(async (thrown: unknown) => {
      throw await blameFile("read table", session, files, (some) => source.relation(some), thrown);
    });
    const times = new Map(
      rows.map((row) => [String(row["path"]), [Number(row["least"]), Number(row["most"])] as const]),
    );
    if (isSeconds) return { times, unitsPerSecond: 1 };
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const [from, to] of times.values()) {
      least = Math.min(least, from);
      most = Math.max(most, to);
    }
    // Where sizes differ, the one in the middle tells: all of them have to be read.
    const isOne = least <= most && timeUnitOf(least) === timeUnitOf(most);
    const unitsPerSecond = isOne ? timeUnitOf(least) : (await readTimes(open, context.time)).unitsPerSecond;
    return { times, unitsPerSecond };
  });
}
