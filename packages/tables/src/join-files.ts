import { type FileHandle, open } from "node:fs/promises";
import { JoinedFooter } from "./parquet-footer.ts";
import type { OutputFormat } from "./scored-table-sql.ts";

/** "PAR1", at both ends of a Parquet file. */
const MAGIC = Buffer.from("PAR1", "latin1");

/** The footer's length and "PAR1". */
const TAIL_BYTES = 8;

const COPY_BYTES = 4 * 1024 * 1024;

/** Puts files of one format and the same columns behind each other, in one file. */
export interface FileJoiner {
  /** Adds a file's rows. */
  append(path: string): Promise<void>;
  /** Ends the joined file. */
  finish(): Promise<void>;
  /** Frees what joining took; harmless twice. */
  close(): Promise<void>;
}

/** Joins into the file at `path`, which is there and empty. */
export async function createFileJoiner(path: string, format: OutputFormat): Promise<FileJoiner> {
  const target = await open(path, "w");
  const buffer = Buffer.allocUnsafe(COPY_BYTES);
  let written = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length; ) at += (await target.write(bytes, at)).bytesWritten;
    written += bytes.length;
  };
  const copy = async (source: FileHandle, first: number, end: number): Promise<void> => {
    for (let at = first; at < end; ) {
      const { bytesRead } = await source.read(buffer, 0, Math.min(COPY_BYTES, end - at), at);
      if (bytesRead === 0) throw new Error(`join files: a part ends at byte ${at} of ${end}`);
      await write(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  };
  const footer = format === "parquet" ? new JoinedFooter() : undefined;
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await target.close();
  };
  if (footer) await write(MAGIC);
  return {
    async append(part) {
      const source = await open(part, "r");
      try {
        const { size } = await source.stat();
        if (footer === undefined) return await copy(source, 0, size);
        const tail = Buffer.alloc(TAIL_BYTES);
        await source.read(tail, 0, TAIL_BYTES, size - TAIL_BYTES);
        const bytes = Buffer.alloc(tail.readUInt32LE(0));
        const end = size - TAIL_BYTES - bytes.length;
        await source.read(bytes, 0, bytes.length, end);
        footer.add(bytes, written - MAGIC.length);
        await copy(source, MAGIC.length, end);
      } finally {
        await source.close();
      }
    },
    async finish() {
      if (footer) {
        const bytes = footer.bytes();
        const length = Buffer.alloc(4);
        length.writeUInt32LE(bytes.length);
        await write(bytes);
        await write(length);
        await write(MAGIC);
      }
      await close();
    },
    close,
  };
}
