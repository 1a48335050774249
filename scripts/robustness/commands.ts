import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";

const LONGEST_COMPLAINT = 20_000;

export interface FinishedCommand {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** What a program finds around it. */
export interface Surroundings {
  /** The current folder, where it is not this process's own. */
  readonly folder?: string;
  /** Put over this process's own environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A file that comes in on standard input; nothing comes where it is absent. */
  readonly input?: string;
  /** A file that standard output or standard error goes to, instead of into `FinishedCommand`. */
  readonly output?: string;
  readonly complaints?: string;
  /** Whoever reads standard output goes after so many characters. */
  readonly outputIsReadFor?: number;
  /** No file may grow beyond so many bytes: setrlimit(2), RLIMIT_FSIZE. */
  readonly largestFile?: number;
}

/** A program of Node's in a process group of its own. */
export interface RunningCommand {
  readonly pid: number;
  readonly ended: Promise<FinishedCommand>;
  /** Signals the process or its whole group. @returns false where it has ended */
  kill(signal: NodeJS.Signals, toGroup: boolean): boolean;
}

/** @param command the program, and what it is given */
export function runCommand(command: readonly string[], surroundings: Surroundings = {}): RunningCommand {
  const began = performance.now();
  const child = start(command, surroundings);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command.join(" ")} could not be started`);
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    if (stdout.length >= (surroundings.outputIsReadFor ?? Number.POSITIVE_INFINITY)) child.stdout?.destroy();
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
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
        resolve({ code, signal, stdout, stderr, seconds: (performance.now() - began) / 1000 }),
      );
    }),
    kill(signal, toGroup) {
      if (hasEnded) return false;
      process.kill(toGroup ? -pid : pid, signal);
      return true;
    },
  };
}

function start(
  command: readonly string[],
  { folder, environment, input, output, complaints, largestFile }: Surroundings,
): ChildProcess {
  const files: number[] = [];
  const opened = <T>(path: string | undefined, flags: string, otherwise: T): number | T => {
    if (path === undefined) return otherwise;
    const file = openSync(path, flags);
    files.push(file);
    return file;
  };
  // Blocks of 512 bytes, as POSIX has them for `ulimit`.
  const [program = "", ...given] =
    largestFile === undefined
      ? [process.execPath, ...command]
      : [
          "sh",
          "-c",
          `ulimit -f ${Math.ceil(largestFile / 512)}; exec "$@"`,
          "sh",
          process.execPath,
          ...command,
        ];
  try {
    return spawn(program, given, {
      detached: true,
      ...(folder === undefined ? {} : { cwd: folder }),
      env: { ...process.env, ...environment },
      stdio: [opened(input, "r", "ignore"), opened(output, "w", "pipe"), opened(complaints, "w", "pipe")],
    });
  } finally {
    for (const file of files) closeSync(file);
  }
}
