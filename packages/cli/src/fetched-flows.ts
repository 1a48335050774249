import { fork } from "node:child_process";
import { OddflowError } from "@oddflow/preprocessing";
import { type FetchedFiles, type FlowTable, makeTemporaryFolder, openTable } from "@oddflow/tables";
import { areFarAway } from "./are-far-away.ts";
import { bundledProgram } from "./bundled-program.ts";
import type { FetchOrder, FetchReport } from "./fetch-process.ts";
import { downloadBar, megabytes, type ProgressBar, rate } from "./progress.ts";
import { receivedError } from "./scoring-messages.ts";
import { showAddresses } from "./shown-paths.ts";
import { complain } from "./terminal.ts";

/** Flows that are on this machine now. */
export interface FetchedFlows {
  /** What was named, in its order, with copies in place of addresses. */
  readonly paths: readonly string[];
  /** Removes the copies. */
  close(): void;
}

/**
 * Copies flows at addresses here, and says so; flows that are here stay as they are.
 * @throws what `fetchFiles` throws; OddflowError WORKER_LOST where the process that fetches was ended; the signal's reason when it is aborted
 */
export async function fetchFlows(flows: readonly string[], signal: AbortSignal): Promise<FetchedFlows> {
  if (!areFarAway(flows)) return { paths: flows, close: () => undefined };
  const folder = await makeTemporaryFolder();
  try {
    const { paths, copies } = await fetchInProcess({ flows, folder: folder.path }, signal);
    showAddresses(copies);
    return { paths, close: () => folder.close() };
  } catch (thrown) {
    folder.close();
    throw thrown;
  }
}

async function fetchInProcess(order: FetchOrder, signal: AbortSignal): Promise<FetchedFiles> {
  signal.throwIfAborted();
  const child = fork(bundledProgram("fetch-process"), {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const end = (): unknown => child.kill("SIGKILL");
  signal.addEventListener("abort", end);
  let bar: ProgressBar<number> | undefined;
  let found = "";
  try {
    const fetched = await new Promise<FetchedFiles>((resolve, reject) => {
      child.on("error", (cause: NodeJS.ErrnoException) => reject(lost(cause.code ?? cause.name)));
      child.on("exit", (code, by) => reject(signal.aborted ? signal.reason : lost(by ?? code)));
      child.on("message", (report: FetchReport) => {
        if (report.kind === "fetched") resolve(report.fetched);
        else if (report.kind === "failed") reject(receivedError(report.failure));
        else if (report.kind === "progress") bar?.update(report.bytes);
        else {
          bar = downloadBar("fetching", report.bytes);
          found = `${rate(report.files)} ${report.files === 1 ? "file" : "files"}, ${megabytes(report.bytes)} MB`;
        }
      });
      child.send(order);
    });
    bar?.stop();
    complain(`fetched    ${found}\n`);
    return fetched;
  } finally {
    bar?.stop();
    signal.removeEventListener("abort", end);
    end();
    // What it writes would keep the folder from being removed.
    await ended;
  }
}

function lost(by: string | number | null): OddflowError {
  return new OddflowError(
    "WORKER_LOST",
    `read addresses: the process that fetches was ended by ${by}; the system may be short of memory, of which a file takes as much as it has: ` +
      "start again, or copy the files here by other means",
  );
}

export interface OpenFlowsOptions {
  readonly from: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Opens flows as a table, wherever they are; copies of what is at addresses go when the table is closed.
 * @throws what `fetchFlows` and `openTable` throw
 */
export async function openFlows(
  flows: string | readonly string[],
  { from, signal }: OpenFlowsOptions,
): Promise<FlowTable> {
  const fetched = await fetchFlows(typeof flows === "string" ? [flows] : flows, signal);
  try {
    return await openTable(fetched.paths, { from, signal, copies: fetched });
  } catch (thrown) {
    fetched.close();
    throw thrown;
  }
}
