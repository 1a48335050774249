import { type Stats, statSync } from "node:fs";
import { OddflowError } from "@oddflow/preprocessing";
import type { TableFile } from "./table-files.ts";

/**
 * Sees that files are as they were when their table was opened: what was read of them before and after a change must not be
 * put together.
 * @throws OddflowError TABLE_UNREADABLE
 */
export async function checkUnchanged(operation: string, files: readonly TableFile[]): Promise<void> {
  const change = await changeOf(operation, files);
  if (change !== undefined) throw change;
}

/**
 * Does what reads files, and sees that they are unchanged afterwards.
 * @throws OddflowError TABLE_UNREADABLE where they are not, whatever the work threw for it
 */
export async function readUnchanged<T>(
  operation: string,
  files: readonly TableFile[],
  read: () => Promise<T>,
): Promise<T> {
  const result = await failWithChange(operation, files, read);
  await checkUnchanged(operation, files);
  return result;
}

/** Does what begins to read files: where it fails, and one of them has been changed, that is what is thrown. */
export async function failWithChange<T>(
  operation: string,
  files: readonly TableFile[],
  begin: () => Promise<T>,
): Promise<T> {
  try {
    return await begin();
  } catch (thrown) {
    throw (await changeOf(operation, files)) ?? thrown;
  }
}

/**
 * The error for the first file that is no longer what it was; undefined where there is none. Of ten thousand files, a thread's turn for
 * each takes ten times as long as the look at it.
 */
export async function changeOf(
  operation: string,
  files: readonly TableFile[],
): Promise<OddflowError | undefined> {
  for (const file of files) {
    const now = lookAt(file);
    const isGone = now instanceof Error;
    if (!isGone && isSame(now, file)) continue;
    const what = isGone && (now.code === "ENOENT" || now.code === "ENOTDIR") ? "removed" : "changed";
    return new OddflowError(
      "TABLE_UNREADABLE",
      `${operation}: ${file.path} was ${what} while it was read; start again`,
    );
  }
  return undefined;
}

function isSame(now: Stats, { bytes, modified, changed }: TableFile): boolean {
  return now.size === bytes && now.mtimeMs === modified && now.ctimeMs === changed;
}

function lookAt({ path }: TableFile): Stats | NodeJS.ErrnoException {
  try {
    return statSync(path);
  } catch (cause) {
    return cause as NodeJS.ErrnoException;
  }
}
