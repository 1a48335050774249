import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ReleasedManifest } from "./release-problems.ts";

export function readManifests(root: string): ReleasedManifest[] {
  return readdirSync(join(root, "packages")).map((directory) => {
    const folder = `packages/${directory}`;
    const manifest: Omit<ReleasedManifest, "folder"> = JSON.parse(
      readFileSync(join(root, folder, "package.json"), "utf8"),
    );
    return { ...manifest, folder };
  });
}
