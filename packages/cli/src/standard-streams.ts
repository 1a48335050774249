import { once } from "node:events";
import { fstatSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { OddflowError } from "@oddflow/preprocessing";

/** Its number: `process.stdin` begins to read it. */
const STANDARD_INPUT = 0;

const FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Of each output that failed, why. Node's standard output forgets it, and takes on as if nothing had been. */
const failures = new WeakMap<Writable, unknown>();

/** Lets an output fail without ending the process. */
export function watchOutput(output: Writable): void {
  output.on("error", (error) => {
    if (!failures.has(output)) failures.set(output, error);
  });
}

/** Whether an output takes no more: it failed, or nobody reads it. */
export function hasEnded(output: Writable): boolean {
  return output.destroyed || failures.has(output);
}

/** Writes bytes, or a text, to an output, and waits where it takes no more for now. What is wrong with it is what `checkOutput` says. */
export async function writeBytes(output: Writable, bytes: Uint8Array | string): Promise<void> {
  if (bytes.length === 0 || hasEnded(output) || output.write(bytes)) return;
  await once(output, "drain").catch(() => undefined);
}

/** Waits until a stream has taken, or refused, what was written to it. */
export async function settled(output: Writable): Promise<void> {
  if (!hasEnded(output)) await new Promise<void>((resolve) => output.write("", () => resolve()));
  // The stream tells its error a moment after the one who wrote.
  await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Sees that nothing written to an output that is watched was lost. A reader that has seen enough (`| head`) is no error, and no reason to leave a model or a table
 * unwritten.
 * @throws OddflowError OUTPUT_UNWRITABLE
 */
export function checkOutput(output: Writable): void {
  const cause = failures.get(output);
  const code = codeOf(cause);
  if (cause === undefined || code === "EPIPE") return;
  if (code === "") throw cause;
  const problem = FULL.has(code)
    ? "no space is left; free some or write elsewhere"
    : `the system says ${code}`;
  throw new OddflowError("OUTPUT_UNWRITABLE", `write output: standard output cannot be written: ${problem}`, {
    cause,
  });
}

/** What comes in, piece by piece. @throws OddflowError TABLE_UNREADABLE where the system refuses to give it */
export async function* readInput(input: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* input;
  } catch (cause) {
    if (codeOf(cause) === "") throw cause;
    throw unreadable(`the system says ${codeOf(cause)}`, cause);
  }
}

/** Node gives a folder as an input without bytes. @throws OddflowError TABLE_UNREADABLE */
export function checkStandardInput(): void {
  // As bigint: otherwise Node keeps that it was a pipe, and takes it for the next folder on the way to a module.
  if (fstatSync(STANDARD_INPUT, { bigint: true }).isDirectory())
    throw unreadable("it is a folder; name the files in it");
}

function unreadable(problem: string, cause?: unknown): OddflowError {
  return new OddflowError("TABLE_UNREADABLE", `score: standard input cannot be read: ${problem}`, { cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "syscall" in error && "code" in error ? String(error.code) : "";
}
