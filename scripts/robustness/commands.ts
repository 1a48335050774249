import { spawn } from "node:child_process";

const LONGEST_COMPLAINT = 20_000;

export interface FinishedCommand {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  readonly seconds: number;
}

/** A program of Node's in a process group of its own. */
export interface RunningCommand {
  readonly pid: number;
  readonly ended: Promise<FinishedCommand>;
  /** Signals the process or its whole group. @returns false where it has ended */
  kill(signal: NodeJS.Signals, toGroup: boolean): boolean;
}

/** @param command the program, and what it is given */
export function runCommand(command: readonly string[]): RunningCommand {
  const began = performance.now();
  const child = spawn(process.execPath, command, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command.join(" ")} could not be started`);
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (stderr.length < LONGEST_COMPLAINT) stderr += text;
  });
  let hasEnded = false;
  child.once("exit", () => {
    hasEnded = true;
  });
  return {
    pid,
    ended: new Promise((resolve) => {
      child.once("close", (code, signal) =>
        resolve({ code, signal, stderr, seconds: (performance.now() - began) / 1000 }),
      );
    }),
    kill(signal, toGroup) {
      if (hasEnded) return false;
      process.kill(toGroup ? -pid : pid, signal);
      return true;
    },
  };
}
