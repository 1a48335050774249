import { existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a file that does not exist yet, or that something it is made from is newer than. `make` writes it under another
 * name with the same ending, so that one that was broken off is not taken for a whole one.
 */
export async function makeOnce(
  path: string,
  madeFrom: readonly string[],
  make: (path: string) => Promise<void>,
): Promise<string> {
  const made = existsSync(path) ? statSync(path).mtimeMs : -1;
  if (madeFrom.every((source) => statSync(source).mtimeMs < made)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = path.replace(/(\.[a-z0-9]+)$/, ".unfinished$1");
  await make(unfinished);
  renameSync(unfinished, path);
  return path;
}
