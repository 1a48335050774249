import { spawnSync } from "node:child_process";

/**
 * Runs a program to its end.
 * @returns its standard output
 * @throws Error with what the program wrote, when it fails.
 */
export function runProgram(
  program: string,
  parameters: readonly string[],
  folder: string,
  input?: string,
): string {
  const { status, stdout, stderr, error } = spawnSync(program, parameters, {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1024 ** 3,
    ...(input === undefined ? {} : { input }),
  });
  if (status === 0) return stdout;
  throw new Error(`${program} ${parameters.join(" ")}: ${error?.message ?? `${stdout}\n${stderr}`.trim()}`);
}
