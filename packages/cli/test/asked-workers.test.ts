import { expect, test } from "vitest";
import { askingWorkers } from "../src/asked-workers.ts";
import type { WorkerPool } from "../src/scoring-workers.ts";

/** A worker that answers nothing, and ends when it is told to. */
function silentPool(): WorkerPool {
  let end = (): void => {};
  const ended = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined);
  });
  const send = ({ kind }: { kind: string }): void => {
    if (kind === "end") end();
  };
  return { workers: [{ send, onMessage: () => {}, ended }], open: () => {}, scored: () => 0 };
}

test("who gives up does not wait for what a worker still counts", async () => {
  const ending = new AbortController();
  const slice = { from: 0, until: 1, unitsPerSecond: 1, path: "slice", starts: [0, 1] };
  const asking = askingWorkers(silentPool(), ending.signal, ([worker]) =>
    Promise.resolve(worker?.ask({ kind: "context", slice })),
  );
  const reason = new Error("given up");
  ending.abort(reason);
  await expect(asking).rejects.toBe(reason);
});
