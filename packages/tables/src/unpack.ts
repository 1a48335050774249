import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { TextDecoding, ZstdUnpacking } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import { runNfdump } from "./nfdump-program.ts";

/** What a file is packed with; nfdump's own files are read by its program. */
export type Packing = "none" | "gzip" | "zstd" | "nfcapd";

/** Bytes of a file that are read at once. */
const READ_AT_ONCE = 1 << 18;

/** As many bytes tell what a file holds. */
const FIRST_BYTES = 4096;

/** A file, and what it is packed with. */
export interface PackedFile {
  readonly path: string;
  readonly packing: Packing;
  /** Ends reading it. */
  readonly signal?: AbortSignal;
}

const PACKINGS: readonly (readonly [start: string, Packing])[] = [
  ["\x1f\x8b", "gzip"],
  ["\x28\xb5\x2f\xfd", "zstd"],
  ["\x0c\xa5", "nfcapd"],
  ["\xa5\x0c", "nfcapd"],
];

/** What a file is packed with that begins with these bytes, each a letter. */
export function packingOf(head: string): Packing {
  return PACKINGS.find(([start]) => head.startsWith(start))?.[1] ?? "none";
}

/**
 * The bytes of a file, a piece at a time, unpacked; of a file of nfdump's, the JSON that its program makes of it.
 * @throws OddflowError TABLE_UNREADABLE for packed data that are damaged, cut short or followed by something else; the reason of
 * the file's signal when it is aborted
 */
export async function* unpackedBytes(file: PackedFile): AsyncGenerator<Uint8Array<ArrayBufferLike>> {
  for await (const piece of bytesOf(file)) {
    file.signal?.throwIfAborted();
    yield piece;
  }
}

async function* bytesOf(file: PackedFile): AsyncGenerator<Uint8Array<ArrayBufferLike>> {
  switch (file.packing) {
    case "none":
      yield* createReadStream(file.path, { highWaterMark: READ_AT_ONCE });
      return;
    case "gzip":
      yield* unpackGzip(file.path);
      return;
    case "zstd":
      yield* unpackZstd(file.path);
      return;
    case "nfcapd":
      yield* runNfdump(file.path);
  }
}

/** The text of a CSV file, piece by piece, unpacked and without its byte order mark. */
export async function* readText(
  file: PackedFile,
  decoding: TextDecoding = new TextDecoding(),
): AsyncGenerator<string> {
  for await (const piece of unpackedBytes(file)) yield decoding.decode(piece);
  yield decoding.decode();
}

/** The first bytes of what a file holds. */
export async function firstBytes(path: string, packing: Packing): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of unpackedBytes({ path, packing })) {
    pieces.push(piece);
    length += piece.length;
    if (length >= FIRST_BYTES) break;
  }
  return Buffer.concat(pieces).subarray(0, FIRST_BYTES);
}

/**
 * Unpacks a file once, to see that it is whole: DuckDB takes one that is cut short for a shorter table.
 * @throws OddflowError TABLE_UNREADABLE
 */
export async function checkPacking(file: PackedFile): Promise<void> {
  for await (const _ of unpackedBytes(file)) {
    // Only whether there is an end counts.
  }
}

async function* unpackGzip(path: string): AsyncGenerator<Buffer> {
  const packed = createReadStream(path, { highWaterMark: READ_AT_ONCE });
  const bytes = createGunzip({ chunkSize: READ_AT_ONCE });
  packed.on("error", (cause) => bytes.destroy(cause));
  bytes.on("close", () => packed.destroy());
  try {
    yield* packed.pipe(bytes);
  } catch (cause) {
    throw unreadable(path, "its gzip data is cut short or damaged; get the file again", cause);
  }
  const { size } = await stat(path);
  const behind = size - bytes.bytesWritten;
  if (behind > 0) {
    throw unreadable(
      path,
      `${behind} bytes stand behind the gzip data, as tapes and some stores fill up files; unpack it and pack it again`,
    );
  }
}

async function* unpackZstd(path: string): AsyncGenerator<Uint8Array> {
  const unpacking = new ZstdUnpacking();
  try {
    for await (const piece of createReadStream(path, {
      highWaterMark: READ_AT_ONCE,
    }) as AsyncIterable<Buffer>) {
      yield* unpacking.feed(piece);
    }
    yield* unpacking.end();
  } catch (cause) {
    // What the system says of the file is for the caller to put in words.
    if (cause instanceof Error && "syscall" in cause) throw cause;
    throw unreadable(path, "its zstd data is cut short or damaged; get the file again", cause);
  }
}

function unreadable(path: string, problem: string, cause?: unknown): OddflowError {
  return new OddflowError("TABLE_UNREADABLE", `open table: ${path} cannot be read: ${problem}`, { cause });
}
