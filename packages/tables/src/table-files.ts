import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { createGunzip, Gunzip } from "node:zlib";
import { OddflowError } from "@oddflow/preprocessing";

export type TableFormat = "parquet" | "csv" | "ndjson";

/** One file of a table, as it was when the table was opened. */
export interface TableFile {
  readonly path: string;
  readonly format: TableFormat;
  readonly gzip: boolean;
  readonly bytes: number;
  readonly modified: number;
  /** When the system last changed anything of it, in milliseconds: a copy that keeps the times cannot set this one back. */
  readonly changed: number;
}

const FORMATS: readonly (readonly [RegExp, TableFormat])[] = [
  [/\.parquet$/i, "parquet"],
  [/\.(csv|tsv)(\.gz)?$/i, "csv"],
  [/\.(ndjson|jsonl|json)(\.gz)?$/i, "ndjson"],
];

/** "PAR1" twice and the length of the footer, in bytes. */
const SMALLEST_PARQUET = 12;

/** Bytes of a file that are read at once. */
const READ_AT_ONCE = 1 << 18;

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
 * @param glob expands one glob
 * @throws OddflowError TABLE_NOT_FOUND, TABLE_EMPTY (a file of zero bytes), TABLE_UNREADABLE (a name or bytes of no known
 * format, several formats, a Parquet file cut short, no permission).
 */
export async function findTableFiles(
  paths: readonly string[],
  glob: (pattern: string) => Promise<readonly string[]>,
): Promise<readonly TableFile[]> {
  if (paths.length === 0) throw new OddflowError("USAGE", "open table: no file was named; name one at least");
  const found = await Promise.all(paths.map((path) => expandPath(path, glob)));
  const files: TableFile[] = [];
  for (const path of found.flat()) files.push(await tableFile(path));
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

/**
 * Unpacks a gzip file once, to see that it is whole: DuckDB takes one that is cut short for a shorter table.
 * @throws OddflowError TABLE_UNREADABLE
 */
export async function checkGzip(file: TableFile): Promise<void> {
  for await (const _ of unpackedBytes(file)) {
    // Only whether there is an end counts.
  }
}

/**
 * The bytes of a file, a piece at a time, unpacked.
 * @throws OddflowError TABLE_UNREADABLE for gzip data that is damaged, cut short or followed by something else
 */
export async function* unpackedBytes(file: TableFile): AsyncGenerator<Buffer> {
  const bytes = readBytes(file);
  if (!(bytes instanceof Gunzip)) {
    yield* bytes;
    return;
  }
  try {
    yield* bytes;
  } catch (cause) {
    throw unreadable(file.path, "its gzip data is cut short or damaged; get the file again", cause);
  }
  const behind = file.bytes - bytes.bytesWritten;
  if (behind > 0) {
    throw unreadable(
      file.path,
      `${behind} bytes stand behind the gzip data, as tapes and some stores fill up files; unpack it and pack it again`,
    );
  }
}

/** The text of a CSV file, piece by piece, unpacked and without its byte order mark. */
export async function* readText(file: TableFile): AsyncGenerator<string> {
  let isFirst = true;
  for await (const piece of readBytes(file).setEncoding("utf8") as AsyncIterable<string>) {
    yield isFirst ? piece.replace(/^\ufeff/, "") : piece;
    isFirst = false;
  }
}

/** The bytes of a CSV or JSON lines file, piece by piece, unpacked. */
export function readBytes(file: TableFile): Readable {
  const bytes = createReadStream(file.path, { highWaterMark: READ_AT_ONCE });
  if (!file.gzip) return bytes;
  const unpacked = createGunzip({ chunkSize: READ_AT_ONCE });
  bytes.on("error", (cause) => unpacked.destroy(cause));
  unpacked.on("close", () => bytes.destroy());
  return bytes.pipe(unpacked);
}

async function expandPath(
  path: string,
  glob: (pattern: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) {
    throw new OddflowError(
      "TABLE_NOT_FOUND",
      `open table: ${path} is an address; only files on this machine are read, fetch it first`,
    );
  }
  const entry = await stat(path).catch((cause: NodeJS.ErrnoException) => cause);
  if (!(entry instanceof Error)) {
    if (entry.isDirectory()) {
      throw new OddflowError(
        "TABLE_NOT_FOUND",
        `open table: ${path} is a folder; name its files, for example "${path.replace(/\/+$/, "")}/*.parquet"`,
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

async function tableFile(path: string): Promise<TableFile> {
  const format = FORMATS.find(([name]) => name.test(path))?.[1];
  if (format === undefined) {
    throw unreadable(
      path,
      "its name says no known format; name it .parquet, .csv, .tsv, .ndjson, .jsonl or .json (text also with .gz)",
    );
  }
  const { size, mtimeMs, ctimeMs } = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(path, systemProblem(cause), cause);
  });
  if (size === 0) {
    throw new OddflowError("TABLE_EMPTY", `open table: ${path} is empty (0 bytes); check how it was written`);
  }
  const gzip = /\.gz$/i.test(path);
  const { head, tail } = await endsOf(path, size);
  const problem = format === "parquet" ? parquetProblem(head, tail, size) : textProblem(head, gzip);
  if (problem !== undefined) throw unreadable(path, problem);
  return { path, format, gzip, bytes: size, modified: mtimeMs, changed: ctimeMs };
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

function textProblem(head: string, gzip: boolean): string | undefined {
  if (/^(\xff\xfe|\xfe\xff|\0[^\0]|[^\0]\0)/.test(head)) return "it is UTF-16 text; save it as UTF-8";
  if (head.startsWith("\x1f\x8b")) return gzip ? undefined : "it is gzip data; add .gz to its name";
  if (gzip) return "it is no gzip data; take .gz off its name";
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
