/**
 * Writes what every package exports into `packages/X/api`, so that a diff shows what breaks programs. With `--check` it writes
 * nothing, and exits with 1 where the files say another API than the build. Build with `pnpm compile` first.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type ApiReport, findStrayReports, makeApiReports } from "./api-reports.ts";
import { publicEntries } from "./public-entries.ts";

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
// The compiled script lies in scripts/dist/api.
const root = fileURLToPath(new URL("../../../", import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), "oddflow-api-"));
try {
  const entries = publicEntries(root);
  for (const { folder } of entries) mkdirSync(join(folder, "api"), { recursive: true });
  const reports = makeApiReports(entries, temporary, !values.check);
  const strays = findStrayReports(root, reports);
  if (!values.check) for (const path of strays) rmSync(path);
  const complaints = [
    ...reports.flatMap(complaintsOf),
    ...(values.check ? strays.map((path) => `${named(path)} is of no entry; \`pnpm api\` removes it`) : []),
  ];
  for (const { path, state } of reports) if (state === "written") console.log(`${named(path)} is written`);
  for (const complaint of complaints) console.error(complaint);
  console.log(`public API: ${reports.length} entries, ${complaints.length} complaints`);
  if (complaints.length > 0) process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true });
}

function complaintsOf({ path, state, problems }: ApiReport): string[] {
  const report = named(path);
  const change = `${report} says another API than the build; run \`pnpm api\` and commit what it writes`;
  return [
    ...(state === "changed" ? [change] : []),
    ...problems.map((problem) => `${dirname(report)}: ${problem}`),
  ];
}

function named(path: string): string {
  return relative(root, path);
}
