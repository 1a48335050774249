import { runProgram } from "../programs/run-program.ts";
import type { Tarball } from "./pack.ts";

/**
 * Imports every entry of every package in a project that has them installed.
 * @throws Error with the first that cannot be imported, or exports nothing
 */
export function importEntries(project: string, tarballs: readonly Tarball[]): number {
  const names = tarballs.flatMap(({ name, entries }) => entries.map((entry) => `${name}${entry.slice(1)}`));
  const program = `
    for (const name of ${JSON.stringify(names)}) {
      const kind = name.endsWith(".json") ? { with: { type: "json" } } : {};
      if (Object.keys(await import(name, kind)).length === 0) throw new Error(name + " exports nothing");
    }`;
  runProgram(process.execPath, ["--input-type=module", "--eval", program], project);
  return names.length;
}
