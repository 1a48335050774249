import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a command took, from its start to its end, with the processes that it started: peaks of memory are added up. */
export interface CommandRun {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
}

export interface Command {
  /** The program and its arguments. */
  readonly line: readonly string[];
  /** A file that comes in through a pipe. */
  readonly input?: string;
  /** The file that standard output goes to. */
  readonly output?: string;
}

/** A Node command that leaves its usage behind. */
export function nodeCommand(script: string, ...args: readonly string[]): readonly string[] {
  return [process.execPath, "--import", new URL("report-usage.js", import.meta.url).href, script, ...args];
}

/** Runs a command that leaves its usage behind (`report-usage.ts`, `usage.py`). */
export async function runCommand(command: Command): Promise<CommandRun> {
  const folder = mkdtempSync(join(tmpdir(), "oddflow-bench-"));
  try {
    const seconds = await timeCommand(command, { ...process.env, ODDFLOW_BENCH_USAGE: folder });
    const processes = readdirSync(folder).map(
      (name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Omit<CommandRun, "seconds">,
    );
    const sum = (of: (usage: Omit<CommandRun, "seconds">) => number): number =>
      processes.reduce((total, usage) => total + of(usage), 0);
    return {
      seconds,
      cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
      peakMemoryBytes: sum(({ peakMemoryBytes }) => peakMemoryBytes),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * @returns seconds from the start of the process to its end
 * @throws Error with what it wrote to standard error when it fails
 */
export function timeCommand(command: Command, env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const [program = "", ...args] = withPipe(command);
  const began = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env });
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    let seconds = Number.NaN;
    child.on("exit", () => {
      seconds = (performance.now() - began) / 1000;
    });
    child.on("close", (code, signal) => {
      if (code === 0) resolve(seconds);
      else reject(new Error(`bench: ${command.line.join(" ")} ended with ${signal ?? code}: ${errors}`));
    });
  });
}

/** A shell connects programs as a person would; Node in between would take some of the work. */
function withPipe({ line, input, output }: Command): readonly string[] {
  if (input === undefined) return line;
  return [
    "sh",
    "-c",
    'in=$1; out=$2; shift 2; cat "$in" | "$@" > "$out"',
    "sh",
    input,
    output ?? "/dev/null",
    ...line,
  ];
}
