import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { SENSORS, type Sensor, SOURCE_FORMATS, schemeOf, shownAddress } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import { firstBytes, type Packing, packingOf } from "./unpack.ts";

/** How a table's files are stored: texts in cells, TSV among them, are `csv`, and texts of JSON records are `ndjson`. */
export type TableFormat = "parquet" | "csv" | "ndjson";

/** One file of a table, as it was when the table was opened. */
export interface TableFile {
  readonly path: string;
  readonly format: TableFormat;
  readonly packing: Packing;
  /** Whether DuckDB unpacks it by itself. */
  readonly isUnpackedByName: boolean;
  /** What stands between its cells, where its name or somebody says so. */
  readonly delimiter?: string;
  /** The sensor that somebody says it comes from. */
  readonly sensor?: Sensor;
  /** Whether its records may be the members of one JSON list, or go over several lines. */
  readonly mayBeList: boolean;
  readonly bytes: number;
  readonly modified: number;
  /** When the system last changed anything of it, in milliseconds: a copy that keeps the times cannot set this one back. */
  readonly changed: number;
}

const FORMATS: readonly (readonly [RegExp, TableFormat])[] = [
  [/\.parquet$/i, "parquet"],
  [/\.(csv|tsv)(\.gz|\.zst)?$/i, "csv"],
  [/\.(ndjson|jsonl|json)(\.gz|\.zst)?$/i, "ndjson"],
];

/** "PAR1" twice and the length of the footer, in bytes. */
const SMALLEST_PARQUET = 12;

/** Folders in one another, such as year, month, day and hour, that are looked into for an example. */
const DEEPEST_LAKE = 8;

const GLOB_CHARACTERS = /[*?[]/;

/** The name under which people know the format. */
export function formatName(format: TableFormat): string {
  return { parquet: "Parquet", csv: "CSV", ndjson: "JSON lines" }[format];
}

/** A path that DuckDB takes for this one file, whatever characters its name has. */
export function literalPath(path: string): string {
  return path.replace(/[*?[]/g, "[$&]");
}

/**
 * Finds the files that the paths name, in the order of the paths and by name within a glob, and looks at their first and
 * last bytes.
 * @param from what they hold, of `SOURCE_FORMATS`; told by their names and first bytes, where it is absent
 * @param glob expands one glob
 * @throws OddflowError USAGE for an address, TABLE_NOT_FOUND, TABLE_EMPTY (a file of zero bytes), TABLE_UNREADABLE (a name or bytes of no known
 * format, several formats, a Parquet file cut short, no permission).
 */
export async function findTableFiles(
  paths: readonly string[],
  from: string | undefined,
  glob: (pattern: string) => Promise<readonly string[]>,
): Promise<readonly TableFile[]> {
  if (from !== undefined && !SOURCE_FORMATS.includes(from)) {
    throw new OddflowError(
      "USAGE",
      `open table: there is no format "${from}"; there are ${SOURCE_FORMATS.join(", ")}`,
    );
  }
  if (paths.length === 0) throw new OddflowError("USAGE", "open table: no file was named; name one at least");
  const files: TableFile[] = [];
  for (const path of await expandPaths(paths, glob)) files.push(await tableFile(path, from));
  const first = files[0] as TableFile;
  const other = files.find((file) => file.format !== first.format);
  if (other !== undefined) {
    throw new OddflowError(
      "TABLE_UNREADABLE",
      `open table: ${first.path} is ${formatName(first.format)} and ${other.path} is ${formatName(other.format)}; ` +
        "name files of one format",
    );
  }
  return files;
}

/** The files that paths name, in the order of the paths and by name within a glob. @throws OddflowError USAGE, TABLE_NOT_FOUND */
export async function expandPaths(
  paths: readonly string[],
  glob: (pattern: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  return (await Promise.all(paths.map((path) => expandPath(path, glob)))).flat();
}

async function expandPath(
  path: string,
  glob: (pattern: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  if (schemeOf(path) !== undefined) {
    throw new OddflowError(
      "USAGE",
      `open table: ${shownAddress(path)} is an address, and a table is made of files on this machine; fetchFiles copies it here`,
    );
  }
  const entry = await stat(path).catch((cause: NodeJS.ErrnoException) => cause);
  if (!(entry instanceof Error)) {
    if (entry.isDirectory()) {
      throw new OddflowError(
        "TABLE_NOT_FOUND",
        `open table: ${path} is a folder; name its files, for example "${path.replace(/\/+$/, "")}/${await examplePattern(path)}"`,
      );
    }
    if (!entry.isFile()) throw unreadable(path, "it is no regular file; save the flows to a file first");
    return [path];
  }
  if (entry.code !== "ENOENT" && entry.code !== "ENOTDIR") {
    throw unreadable(path, systemProblem(entry), entry);
  }
  if (!GLOB_CHARACTERS.test(path)) {
    throw new OddflowError("TABLE_NOT_FOUND", `open table: there is no file ${path}; check the path`);
  }
  const matches: string[] = [];
  for (const match of await glob(path)) {
    // What goes while it is looked for is no match.
    if ((await stat(match).catch(() => undefined))?.isFile() === true) matches.push(match);
  }
  if (matches.length === 0) {
    throw new OddflowError("TABLE_NOT_FOUND", `open table: no file matches ${path}; check the pattern`);
  }
  return matches.sort();
}

/** A pattern that fits what lies in a folder, or in the folders within where it has no file: files with the first one's ending. */
async function examplePattern(folder: string): Promise<string> {
  let within = folder;
  for (let depth = 0; depth < DEEPEST_LAKE; depth++) {
    const entries = await readdir(within, { withFileTypes: true }).catch(() => []);
    const seen = entries.filter(({ name }) => !/^[._]/.test(name));
    const file = seen.find((entry) => entry.isFile());
    if (file !== undefined) return `${depth === 0 ? "" : "**/"}*${/\.[^.]+$/.exec(file.name)?.[0] ?? ""}`;
    const next = seen.find((entry) => entry.isDirectory());
    if (next === undefined) break;
    within = join(within, next.name);
  }
  return "*.parquet";
}

async function tableFile(path: string, from: string | undefined): Promise<TableFile> {
  const { size, mtimeMs, ctimeMs } = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(path, systemProblem(cause), cause);
  });
  if (size === 0) {
    throw new OddflowError("TABLE_EMPTY", `open table: ${path} is empty (0 bytes); check how it was written`);
  }
  const { head, tail } = await endsOf(path, size);
  const named = FORMATS.find(([name]) => name.test(path))?.[1];
  const packing = packingOf(head);
  const format = formatOf(from) ?? named ?? (await formatOfContent(path, packing, head));
  const isNamedPacked = /\.(gz|zst)$/i.test(path);
  const problem =
    format === "parquet" ? parquetProblem(head, tail, size) : textProblem(path, head, packing, isNamedPacked);
  if (problem !== undefined) throw unreadable(path, problem);
  const sensor = SENSORS.find(({ name }) => name === from);
  const isTabbed = from === "tsv" || (from !== "csv" && /\.tsv(\.gz|\.zst)?$/i.test(path));
  return {
    path,
    format,
    packing,
    isUnpackedByName: packing === "none" || (packing === "gzip" && /\.gz$/i.test(path)),
    ...(isTabbed ? { delimiter: "\t" } : {}),
    ...(sensor === undefined ? {} : { sensor }),
    mayBeList: named !== "ndjson" || /\.json(\.gz|\.zst)?$/i.test(path),
    bytes: size,
    modified: mtimeMs,
    changed: ctimeMs,
  };
}

function formatOf(from: string | undefined): TableFormat | undefined {
  if (from === "parquet") return "parquet";
  if (from === "json") return "ndjson";
  return from === "csv" || from === "tsv" ? "csv" : undefined;
}

/** What a file holds whose name does not say so. @throws OddflowError TABLE_UNREADABLE for what is neither Parquet nor text */
async function formatOfContent(path: string, packing: Packing, head: string): Promise<TableFormat> {
  if (head === "PAR1" || head === "PARE") return "parquet";
  if (packing === "nfcapd") return "ndjson";
  const start = await firstBytes(path, packing);
  const text = start.toString("latin1").replace(/^\xef\xbb\xbf/, "");
  if (UTF_16.test(text)) throw unreadable(path, "it is UTF-16 text; save it as UTF-8");
  if (text.includes("\0")) {
    throw unreadable(
      path,
      "it is neither Parquet nor text; name it .parquet, .csv, .tsv, .ndjson, .jsonl or .json (text also with .gz or " +
        ".zst), or say what it holds with --from",
    );
  }
  return /^\s*[[{]/.test(text) ? "ndjson" : "csv";
}

async function endsOf(path: string, size: number): Promise<{ head: string; tail: string }> {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(path, systemProblem(cause), cause);
  });
  try {
    const ends = Buffer.alloc(8);
    await file.read(ends, 0, 4, 0);
    await file.read(ends, 4, 4, Math.max(0, size - 4));
    return { head: ends.toString("latin1", 0, 4), tail: ends.toString("latin1", 4, 8) };
  } finally {
    await file.close();
  }
}

function parquetProblem(head: string, tail: string, size: number): string | undefined {
  if (head === "PARE" || tail === "PARE") return "it is encrypted; decrypt it first";
  if (head !== "PAR1") return "it holds no Parquet; give it the name of what it holds";
  return tail === "PAR1" && size >= SMALLEST_PARQUET
    ? undefined
    : "the Parquet file is cut short; get it again";
}

const UTF_16 = /^(\xff\xfe|\xfe\xff|\0[^\0]|[^\0]\0)/;

function textProblem(
  path: string,
  head: string,
  packing: Packing,
  isNamedPacked: boolean,
): string | undefined {
  if (packing === "none" && UTF_16.test(head)) return "it is UTF-16 text; save it as UTF-8";
  const isNamed = FORMATS.some(([name]) => name.test(path));
  if (packing === "gzip")
    return isNamedPacked || !isNamed ? undefined : "it is gzip data; add .gz to its name";
  if (packing === "zstd")
    return isNamedPacked || !isNamed ? undefined : "it is zstd data; add .zst to its name";
  if (packing === "none" && isNamedPacked) {
    const [ending = "", name] = /\.gz$/i.test(path) ? [".gz", "gzip"] : [".zst", "zstd"];
    return `it is no ${name} data; take ${ending} off its name`;
  }
  return head === "PAR1" ? "it holds Parquet; name it .parquet" : undefined;
}

function systemProblem({ code }: NodeJS.ErrnoException): string {
  return code === "ENOENT" ? "it was removed meanwhile" : `the system says ${code}; check its permissions`;
}

function unreadable(path: string, problem: string, cause?: unknown): OddflowError {
  return new OddflowError(
    "TABLE_UNREADABLE",
    `open table: ${path} cannot be read: ${problem}`,
    cause === undefined ? {} : { cause },
  );
}
