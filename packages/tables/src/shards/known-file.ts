import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { type FileFooter, readFooter } from "../parquet/footer.ts";

/** What a Parquet file is known by on every machine that sees it: what a copy of it has in another way makes another file. */
export interface KnownFile {
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** SHA-256 of its footer, which says where each page lies: hexadecimal digits. */
  readonly footer: string;
}

/** Looks at a file. @throws Error where it has no footer that can be read */
export function knownFile(
  path: string,
): KnownFile & Pick<FileFooter, "start"> & { readonly read: FileFooter } {
  const file = openSync(path, "r");
  try {
    const { size, mtimeMs } = fstatSync(file);
    const read = readFooter(file);
    const bytes = Buffer.alloc(size - read.start);
    for (let done = 0; done < bytes.length; ) {
      const count = readSync(file, bytes, done, bytes.length - done, read.start + done);
      if (count === 0) throw new Error("read Parquet footer: the file got shorter");
      done += count;
    }
    const footer = createHash("sha256").update(bytes).digest("hex");
    return { path, bytes: size, modified: mtimeMs, footer, start: read.start, read };
  } finally {
    closeSync(file);
  }
}

/** Whether a file is still what was known of it; undefined where it is gone. */
export function isUnchanged(known: KnownFile): boolean | undefined {
  if (statSync(known.path, { throwIfNoEntry: false }) === undefined) return undefined;
  try {
    const now = knownFile(known.path);
    return now.bytes === known.bytes && now.modified === known.modified && now.footer === known.footer;
  } catch {
    return false;
  }
}
