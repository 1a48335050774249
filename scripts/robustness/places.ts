import { fileURLToPath } from "node:url";

// The compiled scripts lie in scripts/dist/robustness.
const root: string = fileURLToPath(new URL("../../../", import.meta.url));

/** Files of the repository, by their paths from its root. */
export function fromRoot(path: string): string {
  return `${root}${path}`;
}
