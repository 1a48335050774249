import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { OddflowError } from "@oddflow/preprocessing";
import { PartialFile, unusable } from "./partial-file.ts";
import type { PublicFile } from "./public-datasets.ts";
import { TransferFailure, type TransferOptions, transfer } from "./transfer.ts";

export interface FetchFileOptions extends TransferOptions {
  /** The wait before a server is asked again; twice as long after each time that was in vain. */
  readonly pauseSeconds: number;
}

/** Why no place gave a file. */
export interface SourceFailure {
  readonly url: string;
  readonly problem: string;
  /** It has another file under this address. */
  readonly isMismatch: boolean;
}

/** As many times in a row may a server be asked in vain. */
const MOST_TIMES_IN_VAIN = 3;

/** A time that brings fewer new bytes is in vain. */
const LEAST_GAIN = 64 * 1024;

/**
 * Whether a file is in a folder already.
 * @throws OddflowError DOWNLOAD_MISMATCH where something else has its name
 */
export async function isPresent(
  file: PublicFile,
  folder: string,
  others: readonly PublicFile[],
): Promise<boolean> {
  const path = join(folder, file.name);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  const digest = found.isFile()
    ? await sha256(path).catch((error) => {
        throw unusable(path, error);
      })
    : undefined;
  if (digest === file.sha256) return true;
  const other = others.find(({ sha256 }) => sha256 === digest);
  const what =
    digest === undefined
      ? "is no file; move it away"
      : other === undefined
        ? `has ${found.size.toLocaleString("en-US")} bytes with SHA-256 ${digest}; ${file.bytes.toLocaleString("en-US")} bytes with ${file.sha256} were expected; move it away`
        : `is ${other.name} under another name; give it that name`;
  throw new OddflowError("DOWNLOAD_MISMATCH", `fetch ${file.name}: ${path} ${what}`);
}

/**
 * Brings a file into a folder from the first of its places that gives it, going on where an earlier run ended. It appears under
 * its name when it is whole and has the hash that it must have; until then what came lies beside it.
 * @returns what each place said, where none gave it
 * @throws OddflowError OUTPUT_UNWRITABLE, and the signal's reason
 */
export async function fetchFile(
  file: PublicFile,
  folder: string,
  options: FetchFileOptions,
): Promise<readonly SourceFailure[] | undefined> {
  const partial = new PartialFile(join(folder, file.name));
  partial.claim();
  try {
    return await fetchInto(partial, file, options);
  } finally {
    partial.release();
  }
}

async function fetchInto(
  partial: PartialFile,
  file: PublicFile,
  options: FetchFileOptions,
): Promise<readonly SourceFailure[] | undefined> {
  const failures: SourceFailure[] = [];
  const unreachable = new Set<string>();
  for (const url of file.sources) {
    const { host } = new URL(url);
    if (unreachable.has(host)) continue;
    try {
      await askUntilWhole(url, file, partial, options);
      partial.complete();
      return undefined;
    } catch (error) {
      if (!(error instanceof TransferFailure)) throw error;
      if (error.kind === "unreachable") unreachable.add(host);
      failures.push({ url, problem: error.message, isMismatch: error.kind === "mismatch" });
    }
  }
  return failures;
}

/** @throws TransferFailure where a server does not give the file, however often it is asked */
async function askUntilWhole(
  url: string,
  file: PublicFile,
  partial: PartialFile,
  options: FetchFileOptions,
): Promise<void> {
  let furthest = partial.resumePoint(url)?.bytes ?? 0;
  let isFresh = furthest === 0;
  let inVain = 0;
  for (;;) {
    try {
      await transfer(url, file, partial, options);
      const digest = await sha256(partial.path);
      if (digest === file.sha256) return;
      partial.remove();
      throw new TransferFailure("mismatch", `it has SHA-256 ${digest}, ${file.sha256} was expected`);
    } catch (error) {
      if (!(error instanceof TransferFailure)) throw error;
      // What was there before may be what is wrong.
      const mayBeStale = error.kind === "mismatch" && !isFresh;
      if (error.kind === "mismatch") partial.remove();
      if (error.kind !== "broken" && !mayBeStale) throw error;
      isFresh ||= mayBeStale;
      const bytes = partial.size();
      inVain = bytes >= furthest + LEAST_GAIN ? 0 : inVain + 1;
      furthest = Math.max(furthest, bytes);
      if (inVain >= MOST_TIMES_IN_VAIN) throw error;
      await pause(options.pauseSeconds * 1000 * 2 ** inVain, undefined, { signal: options.signal });
    }
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
