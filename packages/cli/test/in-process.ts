import { expect, vi } from "vitest";
import { COMMANDS } from "../src/command-list.ts";
import { runCommand } from "../src/run-command.ts";

/** What a door said, and whether it refused. */
export interface Answer {
  readonly refused: boolean;
  readonly said: string;
}

/** Runs a command in this process. */
export async function command(...args: string[]): Promise<Answer> {
  let said = "";
  const hear = (piece: unknown, ...rest: unknown[]): boolean => {
    said += String(piece);
    for (const done of rest) if (typeof done === "function") done();
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, "write").mockImplementation(hear as typeof stream.write),
  );
  try {
    await runCommand("oddflow", args, (parser) => parser.command([...COMMANDS]));
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  const status = process.exitCode ?? 0;
  process.exitCode = 0;
  // 1 is a bug.
  expect([0, 2, 3, 4], said).toContain(status);
  return { refused: status === 2 || status === 3, said };
}
