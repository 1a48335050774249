import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processMark, removeAbandoned } from "./abandoned-files.ts";
import { temporaryFailure } from "./read-failure.ts";

/** Begins the names of the folders for what does not stay in memory, in the system's temp folder. */
const SPILL_PREFIX = "oddflow-spill-";

/** Names a folder for files of this process that nobody else knows of; whoever needs it makes it. */
export async function findSpillFolder(): Promise<string> {
  await removeAbandoned(tmpdir(), SPILL_PREFIX);
  return join(tmpdir(), `${SPILL_PREFIX}${processMark()}-${randomUUID()}`);
}

/** What cannot be removed stays, such as where the folder for temporary files is a file: the next run tries again. */
export function removeSpillFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // As said.
  }
}

/** Does something with files of such a folder. @throws OddflowError OUTPUT_UNWRITABLE where the folder is to blame */
export async function inSpillFolder<T>(folder: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw temporaryFailure("read table", folder, thrown) ?? thrown;
  }
}
