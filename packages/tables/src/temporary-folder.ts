import { mkdir } from "node:fs/promises";
import { findSpillFolder, inSpillFolder, removeSpillFolder } from "./spill-folder.ts";

/** A private folder for files that nobody else knows of; what a killed process leaves of it goes with the next one that makes such a folder. */
export interface TemporaryFolder {
  readonly path: string;
  /** Removes it with all that is in it. */
  close(): void;
}

/** @throws OddflowError OUTPUT_UNWRITABLE (the folder for temporary files) */
export async function makeTemporaryFolder(): Promise<TemporaryFolder> {
  const path = await findSpillFolder();
  await inSpillFolder(path, () => mkdir(path, { recursive: true, mode: 0o700 }));
  return { path, close: () => removeSpillFolder(path) };
}
