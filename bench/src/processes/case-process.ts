import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A process that times cases when it is asked to, so that the cases of several processes can be timed in turns. */
export interface CaseProcess {
  readonly cases: readonly { readonly name: string; readonly flows: number }[];
  readonly versions: Readonly<Record<string, string>>;
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
  /** @returns the seconds of each run of a case */
  time(name: string): Promise<readonly number[]>;
  close(): Promise<void>;
}

interface Greeting {
  readonly cases?: CaseProcess["cases"];
  readonly versions?: CaseProcess["versions"];
  /** A Python script says in one text why it cannot run at all. */
  readonly skipped?: CaseProcess["skipped"] | string;
}

/** Starts a suite of this package in a Node process. */
export async function startSuite(suite: string, ...args: readonly string[]): Promise<CaseProcess> {
  const script = fileURLToPath(new URL("../run-suite.js", import.meta.url));
  const started = await startCases(process.execPath, [script, suite, ...args]);
  if (typeof started === "string") throw new Error(`bench: ${suite}: ${started}`);
  return started;
}

/**
 * Starts a program that speaks `run-suite.ts`'s lines.
 * @returns the process, or why it cannot run here
 */
export async function startCases(command: string, args: readonly string[]): Promise<CaseProcess | string> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<string>((resolve) => {
    child.on("error", ({ message }) => resolve(`${command} cannot be started (${message})`));
    child.on("exit", (code, signal) =>
      resolve(`${command} ${args.join(" ")} ended with ${signal ?? `exit code ${code}`}`),
    );
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async (): Promise<object | string> => {
    const next = lines.next().then(({ value }: { value?: string }) => value);
    const line = await Promise.race([next, ended.then(() => undefined)]);
    return line === undefined ? ended : (JSON.parse(line) as object);
  };
  const greeting = (await answer()) as Greeting | string;
  if (typeof greeting === "string") return greeting;
  if (typeof greeting.skipped === "string") {
    child.stdin.end();
    return greeting.skipped;
  }
  return {
    cases: greeting.cases ?? [],
    versions: greeting.versions ?? {},
    skipped: greeting.skipped ?? [],
    async time(name) {
      child.stdin.write(`${name}\n`);
      const message = (await answer()) as { readonly seconds?: readonly number[] } | string;
      if (typeof message === "string") throw new Error(`bench: ${name}: ${message}`);
      return message.seconds ?? [];
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
