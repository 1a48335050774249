import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { RowLayout } from "@oddflow/flow-sources";
import { checkAlike, readLayout } from "./csv-layout.ts";
import { findOddities, writePlainCsv } from "./csv-text.ts";
import type { DuckdbSession } from "./duckdb-session.ts";
import { copyPath } from "./folder-columns.ts";
import type { TableFile } from "./table-files.ts";
import type { FileReading, TableSource } from "./table-source.ts";

/** How DuckDB is to read a file. */
export interface CsvPlan {
  /** The file itself, or a copy that DuckDB can read. */
  readonly path: string;
  readonly delimiter: string;
  readonly skippedLines: number;
  readonly hasHeader: boolean;
  /** A column each, as every door names them. */
  readonly names: readonly string[];
  /** The file's own header, as in `RowLayout`. */
  readonly header: readonly string[];
  /** Letters of its longest row, where it is a copy. */
  readonly longest?: number;
  /** As in `CsvOddities`. */
  readonly looseNumbers: boolean;
  readonly reading: FileReading;
  readonly layout: RowLayout;
}

export type CsvPlans = ReadonlyMap<string, CsvPlan>;

/** The plans with a copy in place of each file that is still read as it is. */
export async function allCopied(
  session: DuckdbSession,
  files: readonly TableFile[],
  plans: CsvPlans,
): Promise<CsvPlans> {
  const copies = new Map(plans);
  for (const [place, file] of files.entries()) {
    const plan = copies.get(file.path);
    if (plan === undefined || plan.path !== file.path) continue;
    const { looseNumbers } = plan;
    const layout = await readLayout(file);
    copies.set(file.path, await copied(session, file, { layout, looseNumbers, place: files.length + place }));
  }
  return copies;
}

export async function planFiles(session: DuckdbSession, files: readonly TableFile[]): Promise<CsvPlans> {
  const plans = new Map<string, CsvPlan>();
  const first = files[0] as TableFile;
  let firstLayout: RowLayout | undefined;
  for (const file of files) {
    // Not found out twice for a file that is named twice.
    if (plans.has(file.path)) continue;
    const layout = await readLayout(file);
    const { hasPlainRows, looseNumbers } = await findOddities(file, layout);
    if (firstLayout !== undefined) checkAlike(first, firstLayout, file, layout);
    firstLayout ??= layout;
    const isPlain = layout.isPlain && file.isUnpackedByName && hasPlainRows;
    const plan = isPlain
      ? asItIs(file, layout, looseNumbers)
      : await copied(session, file, { layout, looseNumbers, place: plans.size });
    plans.set(file.path, plan);
  }
  return plans;
}

function asItIs(file: TableFile, layout: RowLayout, looseNumbers: boolean): CsvPlan {
  const { delimiter, hasHeader, names, header, firstLine } = layout;
  const reading = { path: file.path, takenFor: takenFor(layout), leftOut: new Map() };
  return {
    path: file.path,
    delimiter,
    hasHeader,
    names,
    header,
    skippedLines: firstLine - 1,
    looseNumbers,
    reading,
    layout,
  };
}

/** @param place tells the copy from others */
async function copied(
  session: DuckdbSession,
  file: TableFile,
  {
    layout,
    looseNumbers,
    place,
  }: { readonly layout: RowLayout; readonly looseNumbers: boolean; readonly place: number },
): Promise<CsvPlan> {
  const path = copyPath(session.folder, file, `${place}.csv`);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const { names, longest, leftOut, isMended } = await writePlainCsv(file, layout, path);
  const words = [takenFor(layout), ...(isMended ? ["Windows-1252 text"] : [])].filter(
    (word) => word !== undefined,
  );
  const reading = { path: file.path, takenFor: words.length > 0 ? words.join(", ") : undefined, leftOut };
  const { header } = layout;
  return {
    path,
    delimiter: ",",
    skippedLines: 0,
    hasHeader: false,
    names,
    header,
    longest,
    looseNumbers,
    reading,
    layout,
  };
}

/** What a file is taken for, in words, where its name does not say it. */
export function takenFor({ form, sensor, hasHeader, names, delimiter }: RowLayout): string | undefined {
  const decimals = delimiter === ";" ? ", with decimal commas" : "";
  if (sensor !== undefined) return `${sensor.title}${hasHeader ? "" : ", without a header"}${decimals}`;
  if (form === "zeek") return "a Zeek log";
  if (!hasHeader) return `CSV without a header: its columns are called ${names[0]} to ${names.at(-1)}`;
  return decimals === "" ? undefined : `CSV${decimals}`;
}

/** How rows are written, where those of all files are alike. */
export function rowTextOf(plans: CsvPlans): Pick<TableSource, "rowText"> {
  const keys = new Set(
    [...plans.values()].map(({ layout: { form, delimiter, names } }) =>
      JSON.stringify([form, delimiter, form === "csv" ? names : []]),
    ),
  );
  const [first] = plans.values();
  if (first === undefined || keys.size > 1) return {};
  const { form, delimiter } = first.layout;
  const isPlain = [...plans].every(([file, { path }]) => path === file);
  return { rowText: { form, delimiter, isPlain } };
}

/** How headers write the names of columns, where that is not the name: as the first does that has the column. */
export function headerCells(plans: CsvPlans): ReadonlyMap<string, string> {
  const cells = new Map<string, string>();
  for (const { names, header } of plans.values()) {
    for (const [k, name] of names.entries()) if (!cells.has(name)) cells.set(name, header[k] ?? name);
  }
  return new Map([...cells].filter(([name, cell]) => cell !== name));
}
