import { type ChildProcess, fork } from "node:child_process";
import { stat } from "node:fs/promises";
import { OddflowError } from "@oddflow/preprocessing";
import { bundledProgram } from "./bundled-program.ts";
import type { OrderMessage, TableOrder, WorkerReport } from "./scoring-messages.ts";

/** Files that are larger together are worth workers, whatever is in them. */
const LARGE_PARQUET_BYTES = 5_000_000;
const LARGE_TEXT_BYTES = 10_000_000;
/** JSON says the name of each value. */
const LARGE_JSON_BYTES = 25_000_000;

/**
 * The database reads on one of libuv's threads: with a single one, and few of glibc's pools of memory, what it works on stays
 * in one core's cache, and the process smaller. Where NODE_EXTRA_CA_CERTS names a system's certificates, Node reads them all at every
 * start, for as long as all the rest of it takes and longer; workers connect to nothing.
 */
const WORKER_ENVIRONMENT = {
  UV_THREADPOOL_SIZE: "1",
  MALLOC_ARENA_MAX: "2",
  NODE_EXTRA_CA_CERTS: undefined,
};

/** Signals that no program sends itself: somebody ended the process, most often a system without memory. */
const FROM_OUTSIDE: ReadonlySet<string> = new Set([
  "SIGKILL",
  "SIGTERM",
  "SIGINT",
  "SIGHUP",
  "SIGQUIT",
  "SIGXCPU",
]);

/** A process that scores shards of a table. */
export interface WorkerProcess {
  send(order: OrderMessage): void;
  /** Gets what the worker says from now on, but for its progress, in place of the listener before. */
  onMessage(listener: (message: Exclude<WorkerReport, { kind: "progress" }>) => void): void;
  /** Ends with the process: undefined, or why it ended where no message said so. OddflowError WORKER_LOST where others ended it. */
  readonly ended: Promise<unknown>;
}

/** Processes that score shards of one table. */
export interface WorkerPool {
  readonly workers: readonly WorkerProcess[];
  /** Gives them the model, a model file's bytes: once, and before any shard. */
  open(model: Uint8Array): void;
  /** How many flows they have scored. */
  scored(): number;
}

/**
 * Starts processes that load what they need, open the table, and wait for the model and for orders. Threads of one process
 * would share its allocator, its memory map and libuv's threads, and score a fifth less: bench/README.md.
 * @param table the files, as they were named; undefined where they are not opened as a table
 * @throws OddflowError WORKER_LOST where the system starts no process; those that it started end with this one
 */
export function startWorkers(count: number, table: Omit<TableOrder, "kind"> | undefined): WorkerPool {
  let scored = 0;
  const workers = Array.from({ length: count }, () => {
    const env = { ...process.env, ...WORKER_ENVIRONMENT };
    const child = forkWorker(env);
    let listen = (_: Exclude<WorkerReport, { kind: "progress" }>): void => {};
    child.on("message", (message: WorkerReport) => {
      if (message.kind === "progress") scored += message.flows;
      else listen(message);
    });
    const worker: WorkerProcess = {
      send: (order) => sendOrder(child, order),
      onMessage(listener) {
        listen = listener;
      },
      ended: endOf(child),
    };
    if (table) worker.send({ kind: "table", flows: table.flows, from: table.from });
    return worker;
  });
  return {
    workers,
    open(model) {
      for (const worker of workers) worker.send({ kind: "model", model });
    },
    scored: () => scored,
  };
}

function sendOrder(child: ChildProcess, order: OrderMessage): void {
  // One that has ended needs no order; why it ended is what `ended` tells.
  if (child.connected) child.send(order, () => {});
}

function forkWorker(env: NodeJS.ProcessEnv): ChildProcess {
  try {
    return fork(bundledProgram("score-worker"), {
      env,
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
  } catch (cause) {
    throw notStarted(cause);
  }
}

function endOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    child.on("error", (cause) => resolve(child.pid === undefined ? notStarted(cause) : cause));
    child.on("exit", (code, signal) => {
      if (code === 0) resolve(undefined);
      else if (signal !== null && FROM_OUTSIDE.has(signal)) resolve(lost(`was ended by ${signal}`));
      else resolve(new Error(`score: a worker ended with ${signal ?? code}`));
    });
  });
}

function notStarted(cause: unknown): unknown {
  if (!(cause instanceof Error && "code" in cause)) return cause;
  return lost(`could not be started: ${cause.code}`, cause);
}

function lost(what: string, cause?: unknown): OddflowError {
  return new OddflowError(
    "WORKER_LOST",
    `score: one of the processes that share the work ${what}; the system may be short of memory or processes: ` +
      "score again with fewer, --threads 1 for none",
    cause === undefined ? {} : { cause },
  );
}

/** Ends processes, also in the middle of a shard, and waits for them; harmless for those that have ended. */
export async function endWorkers({ workers }: WorkerPool): Promise<void> {
  for (const worker of workers) worker.send({ kind: "end" });
  await Promise.all(workers.map(({ ended }) => ended));
}

/**
 * Whether Parquet files are so large that workers are going to be needed, from a look at their names and sizes. Starting a worker
 * takes as long as opening a table does: both can be done side by side.
 */
export async function areLarge(paths: readonly string[]): Promise<boolean> {
  return paths.every((path) => /\.parquet$/i.test(path)) && (await bytesOf(paths)) >= LARGE_PARQUET_BYTES;
}

/** The same for a file of text. */
export async function isLargeText(path: string): Promise<boolean> {
  return (
    (await bytesOf([path])) >= (/\.(ndjson|jsonl|json)$/i.test(path) ? LARGE_JSON_BYTES : LARGE_TEXT_BYTES)
  );
}

async function bytesOf(paths: readonly string[]): Promise<number> {
  const sizes = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  return sizes.reduce((sum, file) => sum + (file?.size ?? 0), 0);
}
