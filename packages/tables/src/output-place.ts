import { createHash, randomUUID } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { appendFile, constants, open, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { OddflowError } from "@oddflow/preprocessing";
import { processMark, removeAbandoned } from "./abandoned-files.ts";
import { systemError } from "./system-error.ts";
import type { TableFile } from "./table-files.ts";

const LONGEST_NAME = 160;

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
  /**
   * Adds bytes to what was written, for what comes piece by piece.
   * @throws OddflowError OUTPUT_UNWRITABLE
   */
  append(bytes: Uint8Array): Promise<void>;
  /** Where to write a shard of the file, by its number, until it is put together; `discard` removes it too. */
  shard(shard: number): string;
  /** Removes a shard. */
  dropShard(shard: number): Promise<void>;
  /**
   * Puts what was written in place.
   * @throws OddflowError OUTPUT_UNWRITABLE, also where the folder has gone meanwhile
   */
  take(): Promise<void>;
  /** Removes what was written; harmless when there is nothing. Never rejects: what cannot be removed stays. */
  discard(): Promise<void>;
}

/**
 * Sees that a file can be written at `path`, by making it. What runs for the same path left when they were killed is removed.
 * @throws OddflowError OUTPUT_UNWRITABLE; USAGE when the path is one of the input files
 */
export async function findOutputPlace(
  path: string,
  inputs: readonly Pick<TableFile, "path">[],
): Promise<OutputPlace> {
  // A link stays a link: what it points at is replaced.
  const target = await realpath(path).catch(() => resolve(path));
  for (const input of inputs) {
    // One that is gone by now is said to be where it is read.
    if ((await realpath(input.path).catch(() => undefined)) === target) {
      throw new OddflowError("USAGE", `write output: ${path} is the input itself; name another output file`);
    }
  }
  const existing = await stat(target).catch(() => undefined);
  if (existing?.isDirectory() === true) throw outputUnwritable(path, "it is a folder; name a file in it");
  if (existing?.isFile() === false) throw outputUnwritable(path, "it is no regular file; name one that is");
  const folder = dirname(target);
  const prefix = `.${shortened(basename(target))}.`;
  const temporary = join(folder, `${prefix}${processMark()}-${randomUUID().slice(0, 8)}.tmp`);
  const fail = (cause: unknown): never => {
    throw outputFailure({ path, temporary }, cause);
  };
  await open(temporary, "wx").then((file) => file.close(), fail);
  await removeAbandoned(folder, prefix);
  removeOnExit(temporary);
  const shards = new Set<string>();
  const remove = async (file: string): Promise<void> => {
    await rm(file, { force: true }).catch(() => undefined);
    shards.delete(file);
    unfinished.delete(file);
  };
  const shardPath = (shard: number): string => `${temporary}.${shard}`;
  return {
    path,
    temporary,
    fill: (bytes) => writeFile(temporary, bytes, { flag: "r+" }).catch(fail),
    // Without making it anew: what was written before would be lost.
    append: (bytes) =>
      appendFile(temporary, bytes, { flag: constants.O_WRONLY | constants.O_APPEND }).catch(fail),
    shard(shard) {
      const own = shardPath(shard);
      shards.add(own);
      removeOnExit(own);
      return own;
    },
    dropShard: (shard) => remove(shardPath(shard)),
    async take() {
      try {
        const file = await open(temporary, "r+");
        // The name must not outlive the bytes when the machine stops.
        await file.sync().finally(() => file.close());
        await rename(temporary, target);
      } catch (cause) {
        fail(cause);
      }
      unfinished.delete(temporary);
    },
    async discard() {
      await remove(temporary);
      for (const shard of shards) await remove(shard);
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

/**
 * What the system said when a file that is to take a place was made, written or moved, as the one-line error; anything else
 * stays what it is.
 */
export function outputFailure(
  { path, temporary }: Pick<OutputPlace, "path" | "temporary">,
  cause: unknown,
): unknown {
  const ofSystem = systemError(cause);
  return ofSystem ? outputUnwritable(path, systemProblem(temporary, ofSystem.code), cause) : cause;
}

function systemProblem(temporary: string, code: string): string {
  const folder = dirname(temporary);
  switch (code) {
    case "ENOENT":
      return existsSync(folder)
        ? `its unfinished file ${temporary} was removed meanwhile; write it again`
        : `there is no folder ${folder}; make it first`;
    case "ENOTDIR":
      return `${folder} is no folder; name one that is`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `the folder ${folder} does not allow it; check its permissions`;
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return "no space is left; free some or name another folder";
    default:
      return `the system says ${code} about the folder ${folder}`;
  }
}

/** A name that leaves room for what is put before and behind it: file systems take 255 bytes. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  return createHash("sha256").update(name).digest("hex").slice(0, 16);
}
