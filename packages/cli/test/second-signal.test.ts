import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test, vi } from "vitest";
import { haltThreads } from "../src/threads/running-threads.ts";
import { WorkingThread } from "../src/threads/working-thread.ts";
import { ROOT } from "./run-cli.ts";

const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
});

const NOTE = "x".repeat(600);
const LINES = Array.from(
  { length: 1000 },
  (_, i) => `{"protocol":"tcp","dur":${i},"sbytes":${7 * i},"note":"${NOTE}"}\n`,
).join("");

function start(args: readonly string[]) {
  const command = join(ROOT, "packages/cli/bin/oddflow.js");
  const child = spawn(process.execPath, [command, ...args], { cwd: ROOT, stdio: "pipe" });
  running.add(child);
  // It ends in the middle of what it is given.
  child.stdin.on("error", () => {});
  return child;
}

/** Gives a pipe flows without end. @returns when it scores on all its threads */
async function loadPipe() {
  const child = start(["score", "-", "--columns", "none", "--threads", "2"]);
  const write = (): void => {
    while (!child.stdin.destroyed && child.stdin.write(LINES));
  };
  child.stdin.on("drain", write);
  write();
  let taken = 0;
  child.stdout.on("data", (piece: Buffer) => {
    taken += piece.length;
  });
  // Threads are begun with behind the first 16 MB; of one flow less than 150 bytes come out.
  await vi.waitFor(() => expect(taken).toBeGreaterThan(6_000_000), { timeout: 20_000 });
  return child;
}

/** Asks a service for scores without end. @returns when it has given many */
async function loadService() {
  const child = start(["serve", "--port", "0", "--threads", "2"]);
  const { value: said } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  const url = `${String(said).replace("listening on ", "")}/score`;
  const headers = { "content-type": "application/x-ndjson" };
  let answers = 0;
  // Longer work than it takes a second signal to come.
  const body = LINES.repeat(10);
  const ask = async (): Promise<void> => {
    for (; ; answers++) await (await fetch(url, { method: "POST", headers, body })).text();
  };
  // Each ends with the service.
  for (let client = 0; client < 4; client++) ask().catch(() => {});
  await vi.waitFor(() => expect(answers).toBeGreaterThan(4), { timeout: 20_000 });
  return child;
}

test.each([
  // Signals that come together are one: with 0 a service ends that was told once. A pipe ends with 130 then, too, and soon.
  ["serve", "SIGINT", loadService, 150],
  ["score -", "SIGTERM", loadPipe, 30],
] as const)(
  "%s, told to end twice by %s while its threads are busy, ends at once and no library has a word to say",
  async (_, signal, load, between) => {
    const child = await load();
    const closed = once(child, "close");
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.kill(signal);
    await sleep(between);
    child.kill(signal);
    expect((await closed).slice(0, 2)).toEqual([130, null]);
    running.delete(child);
    expect(stderr).not.toMatch(/terminate called|what\(\)|a thread ended|a bug in/);
  },
  30_000,
);

test("threads are halted behind what they are at, whatever else they are to do", async () => {
  const runs = new Int32Array(new SharedArrayBuffer(4));
  // As in the model, nothing is heard in between.
  const program = `import { parentPort, workerData } from "node:worker_threads";
    parentPort.on("message", (message) => {
      if (message === "halt") process.exit();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
      Atomics.add(workerData, 0, 1);
      setInterval(() => {}, 1000);
    });`;
  const thread = new WorkingThread<string, undefined>(
    new URL(`data:text/javascript,${encodeURIComponent(program)}`),
    runs,
  );
  const isSettled = vi.fn();
  thread.do("run").then(isSettled, isSettled);
  await haltThreads();
  expect(runs[0]).toBe(1);
  expect(thread.hasEnded).toBe(true);
  expect(isSettled).not.toHaveBeenCalled();
});
