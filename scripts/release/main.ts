/**
 * Says what is missing before the packages can be published with provenance, and exits with 1 where something is.
 * .github/RELEASING.md has the other steps.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "../programs/run-program.ts";
import { readManifests } from "./read-manifests.ts";
import { releaseProblems } from "./release-problems.ts";

// The compiled script lies in scripts/dist/release.
const root = fileURLToPath(new URL("../../../", import.meta.url));
const problems = releaseProblems({
  manifests: readManifests(root),
  changelog: readFileSync(join(root, "CHANGELOG.md"), "utf8"),
  environment: process.env,
  changedFiles: runProgram("git", ["status", "--porcelain"], root).split("\n").filter(Boolean),
});
for (const problem of problems) console.log(problem);
console.log(
  problems.length === 0 ? "nothing is missing" : `${problems.length} things are missing before a release`,
);
if (problems.length > 0) process.exitCode = 1;
