import { mkdir, rename, stat, statfs, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { schemeOf, shownAddress } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import { copyPath } from "../folder-columns.ts";
import { temporaryFailure } from "../read-failure.ts";
import { inSpillFolder } from "../spill-folder.ts";
import { textSql } from "../sql-text.ts";
import { fetchFailure } from "./fetch-failure.ts";
import { type HttpfsSession, startHttpfs } from "./httpfs.ts";
import { inLanes } from "./in-lanes.ts";
import { listFiles, type RemoteFile } from "./list-files.ts";
import { localName } from "./local-name.ts";

/** How files at addresses are fetched. */
export interface FetchOptions {
  /** Where the copies go, of `makeTemporaryFolder`. */
  readonly folder: string;
  /** Hears what is going to be fetched, before it is. */
  readonly onFound?: (files: number, bytes: number) => void;
  /** Hears how many bytes have come so far. */
  readonly onProgress?: (bytes: number) => void;
}

/** Files that were copied here. */
export interface FetchedFiles {
  /** What was named, in its order, with the copies in place of addresses. */
  readonly paths: readonly string[];
  /** The copies, and where they are from, without what may be secret. */
  readonly copies: readonly { readonly path: string; readonly address: string }[];
}

/** DuckDB's longest value. */
const LONGEST_FILE = 2 ** 32 - 1;

/**
 * Copies files at addresses (s3://, gs://, http://, https://) into a folder, byte for byte and with their times, by DuckDB's httpfs; in a bucket also
 * what a glob (`*`, `[a-z]`, `**`) matches. Folders `key=value` are kept. Paths of files here are left as they are. A server that does not
 * answer is given up after two minutes; whoever wants to end it sooner does this in a process of its own.
 * @throws OddflowError USAGE (no such extension, another scheme, a glob on a web server), TABLE_NOT_FOUND, TABLE_UNREADABLE (changed while it was
 * copied, or 4 GiB and more), DOWNLOAD_FAILED (refused, out of reach), OUTPUT_UNWRITABLE (no room)
 */
export async function fetchFiles(
  paths: readonly string[],
  { folder, onFound, onProgress }: FetchOptions,
): Promise<FetchedFiles> {
  const first = paths.find((path) => schemeOf(path) !== undefined);
  if (first === undefined) return { paths, copies: [] };
  for (const path of paths) checkAddress(path);
  const session = await startHttpfs(shownAddress(first), join(folder, "duckdb"));
  try {
    const found = await listFiles(session, paths);
    const files = found.filter((file) => typeof file !== "string");
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    checkLengths(files);
    await checkRoom(folder, bytes);
    onFound?.(files.length, bytes);
    const places = new Map(files.map((file, k) => [file, placeOf(folder, file, k)]));
    let done = 0;
    await inLanes(
      files,
      (file) => file.bytes,
      async (file) => {
        await copyFile(session, file, { place: places.get(file) ?? "", folder });
        done += file.bytes;
        onProgress?.(done);
      },
    );
    return {
      paths: found.map((file) => (typeof file === "string" ? file : (places.get(file) ?? ""))),
      copies: files.map((file) => ({ path: places.get(file) ?? "", address: shownAddress(file.address) })),
    };
  } finally {
    session.close();
  }
}

const SCHEMES: readonly string[] = ["s3", "gs", "http", "https"];

function checkAddress(path: string): void {
  const scheme = schemeOf(path);
  if (scheme === undefined) return;
  const refuse = (problem: string): never => {
    throw new OddflowError("USAGE", `read ${shownAddress(path)}: ${problem}`);
  };
  if (!SCHEMES.includes(scheme)) {
    refuse(
      `files are fetched from s3://, gs://, http:// and https://, not from ${scheme}://; copy them here first, or have Polars or pyarrow ` +
        "read them and score what they send: oddflow score - --from arrow",
    );
  }
  const isOfStore = !scheme.startsWith("http");
  if (isOfStore && path.includes("?"))
    refuse(
      "a ? begins settings of httpfs's here; put a * in its place, or copy a file with such a name here",
    );
  if (!isOfStore && path.replace(/\?.*$/s, "").includes("*"))
    refuse("a web server does not say which files it has; name each one instead of a *");
}

function checkLengths(files: readonly RemoteFile[]): void {
  const long = files.find(({ bytes }) => bytes > LONGEST_FILE);
  if (long === undefined) return;
  throw new OddflowError(
    "TABLE_UNREADABLE",
    `read ${shownAddress(long.address)}: it has ${gigabytes(long.bytes)}, and files of less than 4.29 GB are fetched; ` +
      "copy it here by other means and name the copy",
  );
}

async function checkRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (bytes <= free) return;
  throw new OddflowError(
    "OUTPUT_UNWRITABLE",
    `read addresses: what is to be fetched has ${gigabytes(bytes)}, and the folder for temporary files, ${dirname(folder)}, has room for ` +
      `${gigabytes(free)}; free some, name another folder with TMPDIR, or name fewer files at a time`,
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

/** Each in a folder of its own, since names may be the same. */
function placeOf(folder: string, { address }: RemoteFile, k: number): string {
  const [path = ""] = address.split("?");
  return copyPath(join(folder, String(k)), { path }, localName(address));
}

interface CopyOptions {
  readonly place: string;
  readonly folder: string;
}

async function copyFile(
  session: HttpfsSession,
  { address, literal, bytes, modified }: RemoteFile,
  { place, folder }: CopyOptions,
): Promise<void> {
  await inSpillFolder(folder, () => mkdir(dirname(place), { recursive: true, mode: 0o700 }));
  // A name that ends in .gz would be packed.
  const coming = `${dirname(place)}/coming`;
  const connection = await session.connect();
  try {
    await connection.run(
      `COPY (SELECT content FROM read_blob(${textSql(literal)})) TO ${textSql(coming)} (FORMAT blob)`,
    );
  } catch (thrown) {
    throw temporaryFailure("read addresses", folder, thrown) ?? fetchFailure(address, thrown);
  } finally {
    connection.disconnectSync();
  }
  await inSpillFolder(folder, async () => {
    if ((await stat(coming)).size !== bytes) {
      throw new OddflowError(
        "TABLE_UNREADABLE",
        `read ${shownAddress(address)}: it was changed while it was read; start again`,
      );
    }
    // By its time a shard's run knows the file that was planned.
    await utimes(coming, modified, modified);
    await rename(coming, place);
  });
}
