import { spawn } from "node:child_process";

/**
 * Runs a program to its end.
 * @returns its last line of standard output
 * @throws Error with the end of what it said where it ends otherwise than with 0
 */
export function runProgram(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let [printed, complained] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complained += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      if (status === 0) resolve(printed.trim().split("\n").at(-1) ?? "");
      else
        reject(new Error(`${program} ended with ${status}: ${(complained || printed).trim().slice(-600)}`));
    });
  });
}
