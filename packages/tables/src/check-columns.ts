import {
  type ColumnCoding,
  type ContextSpec,
  contextInputs,
  OddflowError,
  textAmongNumbers,
} from "@oddflow/preprocessing";
import { type ReadColumns, readCells } from "./cell-text.ts";
import { codingSql, noNumberSql } from "./coding-sql.ts";
import type { StoredColumn } from "./column-storage.ts";
import { contextCodings } from "./context/context-codings.ts";
import { findColumns } from "./find-columns.ts";
import { firstWhere } from "./first-value.ts";
import { type FlowTable, type OpenTable, openTableOf } from "./flow-table.ts";
import { blameFile } from "./table-source.ts";
import { readUnchanged } from "./unchanged-files.ts";

/**
 * Sees that a table has what codings need, and the context where one is given, before anything is computed: every column is there, and what is read as a
 * number holds numbers. Only columns of text cost time: one pass over all of them.
 * @throws OddflowError COLUMNS_MISSING, which names all that are missing; COLUMN_TYPE, which names the column, how many
 * of its values are no numbers, and the first of them with its row.
 */
export async function checkColumns(
  table: FlowTable,
  codings: readonly ColumnCoding[],
  context?: ContextSpec,
): Promise<void> {
  const open = openTableOf(table);
  await readUnchanged("read table", open.files, async () => {
    await checkOpenTable(open, codings);
    if (context !== undefined) await checkOpenContext(open, context);
  });
}

/** The same for what a context is counted from. */
export async function checkOpenContext(open: OpenTable, context: ContextSpec): Promise<void> {
  findColumns(open.source.columns, contextInputs(context), open.files);
  await checkOpenTable(open, contextCodings(context));
}

/** `checkColumns` for this package's own use; gives the columns of the codings, and where to read them from. */
export async function checkOpenTable(
  open: OpenTable,
  codings: readonly ColumnCoding[],
): Promise<ReadColumns> {
  const { source, files, session } = open;
  const names = codings.map((coding) => coding.name);
  const read = readCells(source, findColumns(source.columns, names, files), codings);
  checkFiles(open, names);
  const texts: StoredColumn[] = [];
  for (const [index, column] of read.columns.entries()) {
    const coding = codings[index] as ColumnCoding;
    codingSql(coding, column);
    if (coding.kind !== "number") continue;
    const checked = open.checkedNumbers.has(column.name) || texts.includes(column);
    if (!checked && noNumberSql(column) !== undefined) texts.push(column);
  }
  if (texts.length === 0) return read;

  const counts = texts.map((column, index) => `count_if(${noNumberSql(column)}) AS c${index}`);
  const [counted] = await session
    .query(`SELECT ${counts.join(", ")} FROM ${read.relation(files)}`)
    .catch(async (thrown: unknown) => {
      throw await blameFile("read table", session, files, read.relation, thrown);
    });
  for (const [index, column] of texts.entries()) {
    const count = Number(counted?.[`c${index}`]);
    if (count > 0) throw await textProblem(open, column, count);
    open.checkedNumbers.add(column.name);
  }
  return read;
}

/** One file without a column would be scored as if all its values were missing. */
function checkFiles({ source, files }: OpenTable, names: readonly string[]): void {
  const { columnsOf, mayLackColumns = false } = source;
  if (columnsOf === undefined) return;
  for (const file of files) {
    const own = columnsOf(file);
    const missing = names.filter((name) => !own.has(name));
    if (missing.length === 0 || (mayLackColumns && missing.length < names.length)) continue;
    throw new OddflowError(
      "COLUMNS_MISSING",
      `read table: ${file.path} lacks ${missing.map((name) => `"${name}"`).join(", ")}, which other files of the table have; ` +
        "add what is missing, or leave the file out",
    );
  }
}

async function textProblem(open: OpenTable, column: StoredColumn, texts: number): Promise<OddflowError> {
  const { row, value, table } = await firstWhere(open, column, noNumberSql(column) ?? "false");
  return textAmongNumbers({ table, column: column.name, texts, rows: open.source.rows, value, row });
}
