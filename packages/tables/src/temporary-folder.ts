import { mkdir } from "node:fs/promises";
import { findSpillFolder, inSpillFolder, removeSpillFolder } from "../spill-folder.ts";

/** A folder for what the context of a table of text is counted from, and for what it comes to. */
export interface ContextFolder {
  readonly path: string;
  /** Removes it with all that is in it. */
  close(): void;
}

/** @throws OddflowError OUTPUT_UNWRITABLE (the folder for temporary files) */
export async function makeContextFolder(): Promise<ContextFolder> {
  const path = await findSpillFolder();
  await inSpillFolder(path, () => mkdir(path, { recursive: true, mode: 0o700 }));
  return { path, close: () => removeSpillFolder(path) };
}
