import { relative } from "node:path";
import { OddflowError } from "@oddflow/preprocessing";
import { type FlowTable, openTableOf } from "../flow-table.ts";
import { rewritingNotes } from "../output-columns.ts";
import { nameSql, textSql } from "../sql-text.ts";
import { writeFailure } from "../write-failure.ts";

/** One of a table's files in folders. */
export interface PartitionFile {
  /** Within the folder that all are in, with / between folders. */
  readonly path: string;
  readonly rows: number;
}

/**
 * Writes the rows of a Parquet table into folders by the values of columns, `day=2025-01-01/NAME-0.parquet`, one within the other, in
 * their order within each folder. Names and values are written with percent codes, a missing value as
 * `__HIVE_DEFAULT_PARTITION__`, as DuckDB writes them and Hive, Spark and pyarrow read them; the columns are not in the files.
 * @param folder an empty one
 * @throws OddflowError COLUMN_TYPE (a column that DuckDB would write with other values), OUTPUT_UNWRITABLE
 */
export async function partitionTable(
  table: FlowTable,
  {
    columns,
    folder,
    name,
  }: { readonly columns: readonly string[]; readonly folder: string; readonly name: string },
): Promise<readonly PartitionFile[]> {
  const open = openTableOf(table);
  const { session, source, files } = open;
  rewritingNotes(open, "parquet", source.columns);
  for (const column of columns) {
    const { type } = source.columns.find((own) => own.name === column) ?? {};
    if (type === undefined || type === "other")
      throw new OddflowError(
        "COLUMN_TYPE",
        `--partition-by ${column}: its values name no folders; name another column`,
      );
  }
  // Several threads would write a folder's rows in turns.
  await session.useThreads(1);
  const by = columns.map(nameSql).join(", ");
  const options = [
    "FORMAT parquet",
    "COMPRESSION zstd",
    `PARTITION_BY (${by})`,
    `FILENAME_PATTERN ${textSql(`${name}-{i}`)}`,
    "OVERWRITE_OR_IGNORE true",
    "RETURN_STATS true",
  ];
  const sql = `COPY (SELECT * FROM ${source.relation(files)}) TO ${textSql(folder)} (${options.join(", ")})`;
  const written = await session.query(sql).catch(async (thrown: unknown) => {
    throw await writeFailure(open, { path: folder, temporary: folder }, thrown);
  });
  return written.map((row) => ({
    path: relative(folder, String(row["filename"])).replaceAll("\\", "/"),
    rows: Number(row["count"]),
  }));
}
