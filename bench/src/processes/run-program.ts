import { execFile } from "node:child_process";
import { promisify } from "node:util";

const runFile = promisify(execFile);

/**
 * Runs a program that is not timed.
 * @returns what it wrote to standard output
 */
export async function runProgram(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await runFile(program, args, { maxBuffer: 2 ** 26 });
  return stdout;
}
