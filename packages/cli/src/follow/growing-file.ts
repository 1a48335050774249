import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { OddflowError } from "@oddflow/preprocessing";

const PIECE = 65_536;

/**
 * So many of the bytes that were read first, and of those that were read last, are read again: they tell whether the file has
 * been written anew. Flows repeat each other, at the same places, too, but not for so long and not at both ends.
 */
const COMPARED = 4096;

/** A file that somebody else writes to, read up to where it goes for now. */
export class GrowingFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #identity: string;
  /** Where the next read begins. */
  #position = 0;
  #first: Uint8Array = new Uint8Array();
  /** The bytes before that place. */
  #last: Uint8Array = new Uint8Array();

  private constructor(path: string, handle: FileHandle, identity: string) {
    this.#path = path;
    this.#handle = handle;
    this.#identity = identity;
  }

  /**
   * @returns undefined where there is no such file
   * @throws OddflowError TABLE_UNREADABLE for what is no file, and where the system refuses to open it
   */
  static async open(path: string): Promise<GrowingFile | undefined> {
    try {
      // A pipe that nobody writes to would not open.
      const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
      const status = await handle.stat({ bigint: true });
      if (status.isFile()) return new GrowingFile(path, handle, `${status.dev}:${status.ino}`);
      await handle.close();
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw unreadable(path, cause);
    }
    throw new OddflowError(
      "TABLE_UNREADABLE",
      `score: ${path} is no file that can grow; name a log's file, or let standard input (-) have what comes`,
    );
  }

  /**
   * The bytes that have come since the last call, 64 KiB at most; none where the file has not grown.
   * @returns undefined where it was truncated, or written anew: then it is read from its beginning
   * @throws OddflowError TABLE_UNREADABLE where the system refuses to read
   */
  async read(): Promise<Uint8Array | undefined> {
    const last = this.#last;
    const bytes = await this.#readAt(this.#position - last.length, last.length + PIECE);
    // The first ones behind the others: what is written anew between the two is seen.
    if (!startsWith(bytes, last) || !startsWith(await this.#readAt(0, this.#first.length), this.#first)) {
      this.#position = 0;
      this.#first = new Uint8Array();
      this.#last = new Uint8Array();
      return undefined;
    }
    const come = bytes.subarray(last.length);
    if (come.length > 0) {
      if (this.#position < COMPARED) {
        this.#first = Buffer.concat([this.#first, come.subarray(0, COMPARED - this.#position)]);
      }
      this.#last = bytes.slice(Math.max(0, bytes.length - COMPARED));
    }
    this.#position += come.length;
    return come;
  }

  async #readAt(position: number, most: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(most);
    try {
      const { bytesRead } = await this.#handle.read(bytes, 0, most, position);
      return bytes.subarray(0, bytesRead);
    } catch (cause) {
      throw unreadable(this.#path, cause);
    }
  }

  /** Whether another file has its name by now, with something in it. An empty one may not have its writer yet. */
  async isReplaced(): Promise<boolean> {
    try {
      const status = await stat(this.#path, { bigint: true });
      return status.size > 0n && `${status.dev}:${status.ino}` !== this.#identity;
    } catch (cause) {
      if (isMissing(cause)) return false;
      throw unreadable(this.#path, cause);
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, start.length), start) === 0;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function unreadable(path: string, cause: unknown): unknown {
  if (!(cause instanceof Error && "syscall" in cause && "code" in cause)) return cause;
  return new OddflowError(
    "TABLE_UNREADABLE",
    `score: ${path} cannot be read: the system says ${cause.code}`,
    {
      cause,
    },
  );
}
