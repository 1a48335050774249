import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { open, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { OddflowError } from "@oddflow/preprocessing";
import type { TableFile } from "./table-files.ts";

/** A file that is written under another name beside its place, and takes its place when it is whole. */
export interface OutputPlace {
  /** As the caller named it. */
  readonly path: string;
  /** Where to write. */
  readonly temporary: string;
  /**
   * Writes all of a file's bytes at once, for what is no table.
   * @throws OddflowError OUTPUT_UNWRITABLE
   */
  fill(bytes: Uint8Array): Promise<void>;
  /** Where to write a part of the file, by its number, until it is put together; `discard` removes it too. */
  part(part: number): string;
  /** Removes a part. */
  dropPart(part: number): Promise<void>;
  /** Puts what was written in place. */
  take(): Promise<void>;
  /** Removes what was written; harmless when there is nothing. */
  discard(): Promise<void>;
}

/**
 * Sees that a file can be written at `path`, by making it.
 * @throws OddflowError OUTPUT_UNWRITABLE; USAGE when the path is one of the input files
 */
export async function findOutputPlace(
  path: string,
  inputs: readonly Pick<TableFile, "path">[],
): Promise<OutputPlace> {
  // A link stays a link: what it points at is replaced.
  const target = await realpath(path).catch(() => resolve(path));
  for (const input of inputs) {
    if ((await realpath(input.path)) === target) {
      throw new OddflowError("USAGE", `write output: ${path} is the input itself; name another output file`);
    }
  }
  const existing = await stat(target).catch(() => undefined);
  if (existing?.isDirectory() === true) throw outputUnwritable(path, "it is a folder; name a file in it");
  if (existing?.isFile() === false) throw outputUnwritable(path, "it is no regular file; name one that is");
  const folder = dirname(target);
  const temporary = join(folder, `.${basename(target)}.${randomUUID().slice(0, 8)}.tmp`);
  await open(temporary, "wx")
    .then((file) => file.close())
    .catch((cause: NodeJS.ErrnoException) => {
      throw outputUnwritable(path, folderProblem(folder, cause), cause);
    });
  removeOnExit(temporary);
  const parts = new Set<string>();
  const drop = async (part: string): Promise<void> => {
    await rm(part, { force: true });
    parts.delete(part);
    unfinished.delete(part);
  };
  const partPath = (part: number): string => `${temporary}.${part}`;
  return {
    path,
    temporary,
    fill: (bytes) =>
      writeFile(temporary, bytes).catch((cause: NodeJS.ErrnoException) => {
        throw outputUnwritable(path, folderProblem(folder, cause), cause);
      }),
    part(part) {
      const own = partPath(part);
      parts.add(own);
      removeOnExit(own);
      return own;
    },
    dropPart: (part) => drop(partPath(part)),
    async take() {
      const file = await open(temporary, "r+");
      // The name must not outlive the bytes when the machine stops.
      await file.sync().finally(() => file.close());
      await rename(temporary, target);
      unfinished.delete(temporary);
    },
    async discard() {
      await rm(temporary, { force: true });
      unfinished.delete(temporary);
      for (const part of parts) await drop(part);
    },
  };
}

const unfinished: Set<string> = new Set();
let removesOnExit = false;

/** Whatever ends the process, short of killing it, leaves no half-written file. */
function removeOnExit(temporary: string): void {
  if (!removesOnExit) {
    removesOnExit = true;
    process.once("exit", () => {
      for (const path of unfinished) rmSync(path, { force: true });
    });
  }
  unfinished.add(temporary);
}

/** The one-line error for an output that cannot be written. */
export function outputUnwritable(path: string, problem: string, cause?: unknown): OddflowError {
  return new OddflowError(
    "OUTPUT_UNWRITABLE",
    `write output: ${path} cannot be written: ${problem}`,
    cause === undefined ? {} : { cause },
  );
}

function folderProblem(folder: string, cause: NodeJS.ErrnoException): string {
  switch (cause.code) {
    case "ENOENT":
      return `there is no folder ${folder}; make it first`;
    case "ENOTDIR":
      return `${folder} is no folder; name one that is`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `the folder ${folder} does not allow it; check its permissions`;
    case "ENOSPC":
      return `no space is left in ${folder}; free some or name another folder`;
    default:
      return `the system says ${cause.code} about the folder ${folder}`;
  }
}
