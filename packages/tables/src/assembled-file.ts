import { type FileHandle, open } from "node:fs/promises";

const COPY_BYTES = 4 * 1024 * 1024;

/** A file that is put together of bytes and of pieces of other files, from its start to its end. */
export interface AssembledFile {
  /** How many bytes it has so far. */
  readonly bytes: number;
  write(bytes: Uint8Array): Promise<void>;
  /** Adds the bytes from `start` to before `end` of another file. @throws Error where that is too short */
  copy(source: FileHandle, start: number, end: number): Promise<void>;
  /** Harmless twice. */
  close(): Promise<void>;
}

/** Empties the file at `path` and assembles it anew. */
export async function assembleFile(path: string): Promise<AssembledFile> {
  const target = await open(path, "w");
  const buffer = Buffer.allocUnsafe(COPY_BYTES);
  let written = 0;
  let closed = false;
  const write = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length; ) at += (await target.write(bytes, at)).bytesWritten;
    written += bytes.length;
  };
  return {
    get bytes() {
      return written;
    },
    write,
    async copy(source, start, end) {
      for (let at = start; at < end; ) {
        const { bytesRead } = await source.read(buffer, 0, Math.min(COPY_BYTES, end - at), at);
        if (bytesRead === 0) throw new Error(`assemble file: a piece ends at byte ${at} of ${end}`);
        await write(buffer.subarray(0, bytesRead));
        at += bytesRead;
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      await target.close();
    },
  };
}
