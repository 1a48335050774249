import {
  type CsvFault,
  FlowRows,
  type FlowRowsOptions,
  type RowLayout,
  TextDecoding,
} from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import type { TableFile } from "./table-files.ts";
import { readText } from "./unpack.ts";

/** What is known of how a file's rows are to be read before they are. */
export function rowsOptions({ delimiter, sensor }: TableFile): FlowRowsOptions {
  return {
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(sensor === undefined ? {} : { sensor }),
  };
}

/**
 * The layout of a file. DuckDB would look for the delimiter that all lines agree on: one line with a cell too many, and it reads
 * the whole table as one column.
 * @throws OddflowError TABLE_UNREADABLE
 */
export async function readLayout(file: TableFile): Promise<RowLayout> {
  const rows = new FlowRows(({ problem }: CsvFault) => unreadableCsv(file, problem), rowsOptions(file));
  for await (const piece of readText(file, new TextDecoding())) {
    rows.read(piece);
    if (rows.layout !== undefined) return rows.layout;
  }
  rows.end();
  return rows.layout ?? BLANK;
}

/** Of a file of blank lines. */
const BLANK: RowLayout = {
  form: "csv",
  delimiter: ",",
  names: ["column0"],
  header: ["column0"],
  hasHeader: true,
  firstLine: 1,
  sensor: undefined,
  isPlain: true,
};

/**
 * Holds a file of a table against the first one.
 * @throws OddflowError TABLE_UNREADABLE where one of them has a header and the other none; COLUMNS_MISSING where they share no
 * column
 */
export function checkAlike(first: TableFile, of: RowLayout, file: TableFile, layout: RowLayout): void {
  const known = new Set(of.names);
  const shares = layout.names.some((name) => known.has(name));
  // A sensor's tables without a header have its names.
  if (layout.hasHeader !== of.hasHeader && !(shares && of.sensor !== undefined)) {
    const [bare, named] = of.hasHeader ? [file, first] : [first, file];
    throw unreadableCsv(
      bare,
      `its first line holds values and no names, while that of ${named.path} names the columns; put the names before it`,
    );
  }
  if (shares) return;
  throw new OddflowError(
    "COLUMNS_MISSING",
    `open table: ${file.path} has none of the columns of ${first.path} (its first line is ` +
      `${layout.names.slice(0, 4).join(", ")}${layout.names.length > 4 ? ", ..." : ""}); name files of one table`,
  );
}

export function unreadableCsv(file: Pick<TableFile, "path">, problem: string): OddflowError {
  return new OddflowError("TABLE_UNREADABLE", `open table: ${file.path} cannot be read as CSV: ${problem}`);
}
