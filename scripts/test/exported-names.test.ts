import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What has an implementation for each runtime or each kind of table, and is the same thing. */
const IMPLEMENTED_TWICE = ["createScorer", "valueSpans", "verifySignature"];

const DECLARATION = /^export (?:async )?(?:abstract )?(?:function\*?|const|class|interface|type) (\w+)/gm;

test("an exported name stands for one thing in all packages", () => {
  const files = new Map<string, Set<string>>();
  for (const name of readdirSync(join(ROOT, "packages"))) {
    const folder = join(ROOT, "packages", name, "src");
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      if (!/\.tsx?$/.test(file)) continue;
      for (const [, exported = ""] of readFileSync(join(folder, file), "utf8").matchAll(DECLARATION)) {
        files.set(exported, new Set(files.get(exported)).add(`${name}/${file}`));
      }
    }
  }
  expect(files.size).toBeGreaterThan(500);
  const shared = [...files].filter(([, declaring]) => declaring.size > 1);
  expect(shared.filter(([name]) => !IMPLEMENTED_TWICE.includes(name))).toEqual([]);
  expect(shared.map(([name]) => name).sort()).toEqual(IMPLEMENTED_TWICE);
});
