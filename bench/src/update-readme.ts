import { readFile, writeFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { fromRoot } from "./inputs.ts";
import { performanceSection, readSection, replaceSection } from "./performance-section.ts";
import type { BenchResults } from "./results.ts";

/** `pnpm bench:readme [RESULTS]`: makes README's performance section of a results file, or anew of the one that it names. */
const README = fromRoot("README.md");
const readme = await readFile(README, "utf8");
const [given] = process.argv.slice(2).filter((arg) => arg !== "--");
const path = given === undefined ? readSection(readme).path : relative(fromRoot("."), resolve(given));
const results = JSON.parse(await readFile(fromRoot(path), "utf8")) as BenchResults;
if (results.only !== undefined) {
  process.stderr.write(`bench:readme: ${path} is of one section of the bench; run all of it: pnpm bench\n`);
  process.exit(2);
}
await writeFile(README, replaceSection(readme, performanceSection(results, path)));
process.stdout.write(`README.md's performance section is made of ${path}\n`);
