import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Command } from "../../processes/run-command.ts";

/** Whether a program is on the path. */
export function isThere(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/** The same command, held to the first core by the system. */
export function onOneCore(command: Command): Command {
  return { ...command, line: ["taskset", "-c", "0", ...command.line] };
}
