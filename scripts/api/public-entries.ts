import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What other programs import: a package and one of its doors. */
export interface PublicEntry {
  readonly packageName: string;
  readonly folder: string;
  /** `index` for the package itself, `node` for its `./node`. */
  readonly name: string;
  /** Its declarations as tsc wrote them, from the package's folder on. */
  readonly declarations: string;
}

/** The entries of every package whose declarations tsc writes, by the `types` of its exports. */
export function publicEntries(root: string): PublicEntry[] {
  return readdirSync(join(root, "packages")).flatMap((directory) => {
    const folder = join(root, "packages", directory);
    const manifest: { name: string; exports?: Record<string, string | { types?: string }> } = JSON.parse(
      readFileSync(join(folder, "package.json"), "utf8"),
    );
    return Object.entries(manifest.exports ?? {}).flatMap(([entry, target]) => {
      const declarations = typeof target === "string" ? undefined : target.types;
      if (declarations?.startsWith("./dist/") !== true) return [];
      const name = entry === "." ? "index" : entry.slice("./".length);
      return [{ packageName: manifest.name, folder, name, declarations: declarations.slice("./".length) }];
    });
  });
}
