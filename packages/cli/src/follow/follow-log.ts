import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { OddflowError } from "@oddflow/preprocessing";
import { FileChanges } from "../file-changes.ts";
import type { StreamPiece } from "../pipe/gathered-pieces.ts";
import { complain, oneLine } from "../terminal.ts";
import { GrowingFile } from "./growing-file.ts";

/** What files that are packed with gzip or zstd begin with (RFC 1952, RFC 8878). */
const PACKED: readonly Buffer[] = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])];

/** Text has none. */
const NUL = 0;

/**
 * Reads a log from its beginning, and goes on with what is written to it until the signal. Where another file gets its name, or it
 * is begun anew, it goes on with that; it waits for a file that is not there yet. It ends with "next file", since a last line
 * that has not ended may not be whole.
 * @throws OddflowError TABLE_UNREADABLE for what cannot be read, or is no text
 */
export async function* followLog(path: string, signal: AbortSignal): AsyncGenerator<StreamPiece> {
  const changes = new FileChanges(path, signal);
  const log = new FollowedLog(path);
  try {
    if (!(await log.open())) await tellWaiting(path);
    for (let isAtStart = true; ; ) {
      const piece = await log.read();
      if (piece === "next file" || piece.length > 0) {
        if (isAtStart && piece !== "next file") checkText(path, piece);
        isAtStart = piece === "next file";
        yield piece;
      }
      if (signal.aborted) break;
      if (piece.length === 0) await changes.next();
    }
  } finally {
    changes.close();
    await log.close();
  }
  yield "next file";
}

/** The file that has a name, and the one that gets it next. */
class FollowedLog {
  readonly #path: string;
  #file: GrowingFile | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether the file is there. */
  async open(): Promise<boolean> {
    this.#file = await GrowingFile.open(this.#path);
    return this.#file !== undefined;
  }

  /** What has come; no bytes where nothing has. */
  async read(): Promise<Uint8Array | "next file"> {
    const file = this.#file;
    if (file === undefined) {
      await this.open();
      return new Uint8Array();
    }
    // Asked before the file is read to its end: its writer may go on with it until the other one is there.
    const isReplaced = await file.isReplaced();
    const piece = await file.read();
    if (piece === undefined) return "next file";
    if (piece.length > 0 || !isReplaced) return piece;
    if (!(await this.open())) {
      this.#file = file;
      return piece;
    }
    await file.close();
    return "next file";
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}

async function tellWaiting(path: string): Promise<void> {
  const folder = dirname(path);
  const isThere = await stat(folder).then(
    (status) => status.isDirectory(),
    () => false,
  );
  if (!isThere)
    throw new OddflowError(
      "TABLE_UNREADABLE",
      `score: ${path}: there is no folder ${folder}; correct the name`,
    );
  complain(`score: ${oneLine(path)} is not there yet; waiting for it\n`);
}

function checkText(path: string, start: Uint8Array): void {
  const isPacked = PACKED.some((mark) => mark.equals(start.subarray(0, mark.length)));
  if (!isPacked && !start.includes(NUL)) return;
  throw new OddflowError(
    "TABLE_UNREADABLE",
    `score: ${path} ${isPacked ? "is packed" : "holds NUL bytes"}; --follow reads logs of text, such as Zeek's, CSV or ` +
      "JSON lines; leave it out for a file that is whole",
  );
}
