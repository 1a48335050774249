import { closeSync, fdatasync, openSync, readSync, writeSync } from "node:fs";

const COPY_BYTES = 4 * 1024 * 1024;

/** Bytes after which the disk is told to take what there is, so that little is left for the end. */
const SYNC_BYTES = 8 * 1024 * 1024;

/**
 * A file that is put together of bytes and of pieces of other files, from its start to its end. It is written at once and
 * not in turns: the thread that writes may score between them, and each turn would wait for that.
 */
export interface AssembledFile {
  /** How many bytes it has so far. */
  readonly bytes: number;
  write(bytes: Uint8Array): void;
  /** Adds the bytes from `start` to before `end` of another open file. @throws Error where that is too short */
  copy(source: number, start: number, end: number): void;
  /** Closes the file, once the disk has taken what it was told to take. @throws what the disk said of that */
  finish(): Promise<void>;
  /** Closes a file that is given up; harmless after `finish` and twice. */
  close(): Promise<void>;
}

/** Empties the file at `path` and assembles it anew. */
export function assembleFile(path: string): AssembledFile {
  const target = openSync(path, "w");
  const buffer = Buffer.allocUnsafe(COPY_BYTES);
  let written = 0;
  let unsynced = 0;
  let syncing: Promise<void> | undefined;
  let problem: Error | undefined;
  let closed = false;
  const sync = (): void => {
    unsynced = 0;
    syncing = new Promise((resolve) => {
      fdatasync(target, (error) => {
        problem ??= error ?? undefined;
        syncing = undefined;
        resolve();
      });
    });
  };
  const write = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; ) at += writeSync(target, bytes, at);
    written += bytes.length;
    unsynced += bytes.length;
    if (unsynced >= SYNC_BYTES && syncing === undefined) sync();
  };
  const close = async (): Promise<void> => {
    await syncing;
    if (closed) return;
    closed = true;
    closeSync(target);
  };
  return {
    get bytes() {
      return written;
    },
    write,
    copy(source, start, end) {
      for (let at = start; at < end; ) {
        const read = readSync(source, buffer, 0, Math.min(COPY_BYTES, end - at), at);
        if (read === 0) throw new Error(`assemble file: a piece ends at byte ${at} of ${end}`);
        write(buffer.subarray(0, read));
        at += read;
      }
    },
    async finish() {
      await close();
      if (problem) throw problem;
    },
    close,
  };
}
