import { spawnSync } from "node:child_process";

/** A step of the install that failed. The message is one line: the step, what is missing, what to do. */
export class StepError extends Error {
  override readonly name: string = "StepError";

  constructor(step: string, message: string) {
    super(`${step}: ${message}`);
  }
}

/** A program of the machine, what to do where it is missing, and what to look at when it fails. */
export interface Program {
  command: string;
  ifMissing: string;
  ifFails?: string;
}

/** Runs a program to its end and returns its standard output. Throws StepError when it is missing or fails. */
export function runStep(
  step: string,
  program: Program,
  args: readonly string[],
  env?: NodeJS.ProcessEnv,
): string {
  const run = spawnSync(program.command, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  if (run.error) {
    const missing = "code" in run.error && run.error.code === "ENOENT";
    const why = missing ? `${program.command} was not found: ${program.ifMissing}` : run.error.message;
    throw new StepError(step, why);
  }
  if (run.status !== 0) {
    const ending = run.signal ? `was ended by ${run.signal}` : `exited with ${run.status}`;
    const hint = program.ifFails ? `; ${program.ifFails}` : "";
    throw new StepError(step, `${program.command} ${ending}: ${tellingLine(run.stderr)}${hint}`);
  }
  return run.stdout;
}

/** The first line of `stderr` that calls itself an error, or else its last line. */
function tellingLine(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  return (lines.find((line) => /error: /i.test(line)) ?? lines.at(-1) ?? "it printed no reason").trim();
}
