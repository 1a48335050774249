import { expect, vi } from "vitest";
import { COMMAND_NAMES, COMMANDS } from "../src/command-list.ts";
import { runCommand } from "../src/run-command.ts";
import { type Finished, ROOT, type RunOptions } from "./run-cli.ts";

/** What a door said, and whether it refused. */
export interface Answer {
  readonly refused: boolean;
  readonly said: string;
}

const STREAMS = ["stdout", "stderr"] as const;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

type Program = "oddflow" | "score-batch";

/** What ran last: a process has one standard output. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a command in this process, which saves its start: as `run`, for what reads no standard input and ends by itself. Those
 * that are begun at once run one after the other.
 */
export function runHere(
  program: Program,
  args: readonly string[],
  { cwd = ROOT }: Pick<RunOptions, "cwd"> = {},
): Promise<Finished> {
  const finished = last.then(() => runAlone(program, args, cwd));
  last = finished.catch(() => undefined);
  return finished;
}

async function runAlone(program: Program, args: readonly string[], cwd: string): Promise<Finished> {
  const texts = { stdout: "", stderr: "" };
  const spies = STREAMS.map((name) =>
    vi.spyOn(process[name], "write").mockImplementation(((piece: unknown, ...rest: unknown[]) => {
      texts[name] += String(piece);
      for (const done of rest) if (typeof done === "function") done();
      return true;
    }) as typeof process.stdout.write),
  );
  const listeners = SIGNALS.map((signal) => process.listeners(signal));
  const formerFolder = process.cwd();
  process.chdir(cwd);
  try {
    // score-batch is the command `score` by itself.
    const named = program === "oddflow" ? args : ["score", ...args];
    await runCommand(
      program,
      named,
      (parser) => parser.command([...COMMANDS]),
      program === "oddflow" ? COMMAND_NAMES : [],
    );
  } finally {
    process.chdir(formerFolder);
    for (const spy of spies) spy.mockRestore();
    for (const name of STREAMS) process[name].removeAllListeners("error");
    for (const [k, signal] of SIGNALS.entries()) {
      for (const own of process.listeners(signal)) {
        if (listeners[k]?.includes(own) === false) process.removeListener(signal, own);
      }
    }
  }
  const status = Number(process.exitCode ?? 0);
  process.exitCode = 0;
  return { status, ...texts };
}

/** Runs a command of oddflow's as a door that takes or refuses. */
export async function command(...args: string[]): Promise<Answer> {
  const { status, stdout, stderr } = await runHere("oddflow", args);
  const said = stdout + stderr;
  // 1 is a bug.
  expect([0, 2, 3, 4], said).toContain(status);
  return { refused: status === 2 || status === 3, said };
}
