import { schemeOf, shownAddress } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import { textSql } from "../sql-text.ts";
import { literalPath } from "../table-files.ts";
import { fetchFailure } from "./fetch-failure.ts";
import type { HttpfsSession } from "./httpfs.ts";
import { inLanes } from "./in-lanes.ts";

/** A file at an address, as it was when it was listed. */
export interface RemoteFile {
  readonly address: string;
  /** The address as DuckDB takes it for this one file. */
  readonly literal: string;
  readonly bytes: number;
  /** In whole seconds since 1970, which is what every server tells; 0 where it does not. */
  readonly modified: number;
}

/**
 * The files that addresses name, in their order and by name within a glob; what is no address stays as it is.
 * @throws OddflowError TABLE_NOT_FOUND, DOWNLOAD_FAILED
 */
export async function listFiles(
  session: HttpfsSession,
  paths: readonly string[],
): Promise<readonly (string | RemoteFile)[]> {
  const found = await inLanes(
    paths,
    () => 0,
    async (path) => (schemeOf(path) === undefined ? [path] : filesAt(session, path)),
  );
  return found.flat();
}

async function filesAt(session: HttpfsSession, address: string): Promise<readonly RemoteFile[]> {
  const files = await matches(session, address, address);
  if (files.length > 0) return files;
  const itself = isGlob(address) ? await matches(session, address, literalPath(address)) : [];
  if (itself.length > 0) return itself;
  throw new OddflowError(
    "TABLE_NOT_FOUND",
    `read ${shownAddress(address)}: ${isGlob(address) ? "no file matches" : "there is no such file"}; check the address`,
  );
}

/** In a bucket; web servers list nothing. */
function isGlob(address: string): boolean {
  return !/^http/i.test(address) && /[*[]/.test(address);
}

async function matches(
  session: HttpfsSession,
  address: string,
  pattern: string,
): Promise<readonly RemoteFile[]> {
  const connection = await session.connect();
  try {
    const result = await connection.runAndReadAll(
      `SELECT filename, size, epoch(last_modified) AS modified FROM read_blob(${textSql(pattern)})`,
    );
    const files = result.getRowObjectsJson().map((row): RemoteFile => {
      const found = String(row["filename"]);
      return {
        address: found,
        literal: isGlob(found) ? literalPath(found) : found,
        bytes: Number(row["size"]),
        modified: Math.max(0, Math.floor(Number(row["modified"] ?? 0))),
      };
    });
    return files.sort((a, b) => (a.address < b.address ? -1 : 1));
  } catch (thrown) {
    if (/No files found that match/.test(String(thrown))) return [];
    throw fetchFailure(address, thrown);
  } finally {
    connection.disconnectSync();
  }
}
