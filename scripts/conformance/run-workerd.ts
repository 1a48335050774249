import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Run } from "./run-process.ts";

const CONFIGURATION = `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "scorer", worker = .scorer)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "scorer")],
);

const scorer :Workerd.Worker = (
  compatibilityDate = "2026-01-01",
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "onnxruntime-web/ort-wasm-simd-threaded.wasm", wasm = embed "ort.wasm"),
    (name = "model.onnx", data = embed "model.onnx"),
  ],
);
`;

const REPEATS = 20;

/**
 * Serves `folder`/worker.js with workerd and sends it the flows. The cold start counts from workerd's start to the
 * answer about one flow. A worker's clock stands still while it computes, so the time is taken out here.
 */
export async function runWorkerd(
  program: string,
  folder: string,
  files: { readonly wasm: string; readonly model: string; readonly flows: string },
): Promise<Run> {
  copyFileSync(files.wasm, join(folder, "ort.wasm"));
  copyFileSync(files.model, join(folder, "model.onnx"));
  const configuration = join(folder, "config.capnp");
  writeFileSync(configuration, CONFIGURATION);
  const flows = JSON.parse(readFileSync(files.flows, "utf8")) as object[];

  const began = Date.now();
  const child = spawn(program, ["serve", configuration, "--control-fd=3"], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  let complaint = "";
  child.stderr?.on("data", (chunk) => {
    complaint += chunk;
  });
  try {
    const port = await listeningPort(child.stdio[3] as Readable);
    if (port === undefined) throw new Error(complaint.trim().split("\n").slice(0, 3).join(" "));
    const score = async (some: readonly object[], repeats = 0): Promise<number[]> => {
      const answer = await fetch(`http://127.0.0.1:${port}/?repeats=${repeats}`, {
        method: "POST",
        body: JSON.stringify(some),
      });
      if (!answer.ok)
        throw new Error(`${answer.status}: ${complaint.trim().split("\n").slice(0, 3).join(" ")}`);
      return (await answer.json()) as number[];
    };
    await score(flows.slice(0, 1));
    const coldStartMs = Date.now() - began;
    const scores = await score(flows, REPEATS - 1);
    const before = performance.now();
    await score(flows, REPEATS - 1);
    const seconds = (performance.now() - before) / 1000;
    return { scores, coldStartMs, flowsPerSecond: (REPEATS * flows.length) / seconds };
  } finally {
    if (child.exitCode === null && child.kill()) await once(child, "exit");
  }
}

/** The port that workerd says it listens on; undefined when it ends without a word. */
export async function listeningPort(control: Readable): Promise<number | undefined> {
  for await (const line of createInterface(control)) {
    const { event, port } = JSON.parse(line) as { event: string; port?: number };
    if (event === "listen") return port;
  }
  return undefined;
}
