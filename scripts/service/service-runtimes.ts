import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { bundleWorker, findWasm } from "../conformance/bundle.ts";
import { type Found, findInPackage } from "../conformance/find-runtime.ts";
import { listeningPort } from "../conformance/run-workerd.ts";

/** A service that runs in a process of its own. */
export interface RunningService {
  readonly url: string;
  stop(): Promise<void>;
}

/** A runtime that the service runs on. */
export interface ServiceRuntime {
  readonly name: string;
  find(): Found;
  start(program: string): Promise<RunningService>;
}

export interface ServicePlace {
  readonly model: string;
  /** A folder for what is built. */
  readonly folder: string;
  /** Where bun-host.js, deno-host.js and workerd-host.js lie. */
  readonly programs: string;
  /** The `oddflow` command. */
  readonly command: string;
  /** How long a client may pause. */
  readonly idleSeconds: number;
}

export function listServiceRuntimes(place: ServicePlace): ServiceRuntime[] {
  const { model, programs, command } = place;
  const idle = String(place.idleSeconds);
  return [
    {
      name: "Node, native",
      find: () => ({ program: process.execPath, version: process.versions.node }),
      start: (program) =>
        startHost(program, [
          ...[command, "serve", model, "--port", "0", "--idle", idle],
          ...["--max-requests", "8", "--max-requests-per-client", "8"],
        ]),
    },
    {
      name: "Bun",
      find: () => findInPackage("bun"),
      start: (program) => startHost(program, [join(programs, "bun-host.js"), model, idle]),
    },
    {
      name: "Deno",
      find: () => findInPackage("deno"),
      start: (program) =>
        startHost(program, ["run", "--quiet", "--allow-all", join(programs, "deno-host.js"), model, idle]),
    },
    {
      name: "workerd",
      find: () => findInPackage("workerd"),
      start: (program) => startWorkerd(program, place),
    },
  ];
}

/** Starts a program that prints `listening on URL`, or another word and its URL. */
export async function startHost(program: string, parameters: readonly string[]): Promise<RunningService> {
  const child = spawn(program, parameters, { stdio: ["ignore", "pipe", "pipe"] });
  const complaint = collect(child);
  for await (const line of createInterface(child.stdout as Readable)) {
    const url = /^(?:listening on|workbench) +(http\S+)/.exec(line)?.[1];
    if (url !== undefined) return { url, stop: () => stop(child) };
  }
  throw new Error(`it ended at once: ${complaint()}`);
}

const configuration = (idleSeconds: number): string => `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "oddflow", worker = .service)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "oddflow")],
);

const service :Workerd.Worker = (
  compatibilityDate = "2026-01-01",
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "onnxruntime-web/ort-wasm-simd-threaded.wasm", wasm = embed "ort.wasm"),
    (name = "model.onnx", data = embed "model.onnx"),
  ],
  bindings = [(name = "IDLE_SECONDS", text = "${idleSeconds}")],
);
`;

async function startWorkerd(
  program: string,
  { model, folder, programs, idleSeconds }: ServicePlace,
): Promise<RunningService> {
  const built = join(folder, "workerd-host");
  await bundleWorker(join(programs, "workerd-host.js"), built);
  copyFileSync(findWasm(programs), join(built, "ort.wasm"));
  copyFileSync(model, join(built, "model.onnx"));
  const file = join(built, "config.capnp");
  writeFileSync(file, configuration(idleSeconds));
  const child = spawn(program, ["serve", file, "--control-fd=3"], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const complaint = collect(child);
  const port = await listeningPort(child.stdio[3] as Readable);
  if (port === undefined) throw new Error(`it ended at once: ${complaint()}`);
  return { url: `http://127.0.0.1:${port}`, stop: () => stop(child) };
}

function collect(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.on("data", (piece) => {
    text += piece;
  });
  return () => text.trim().split("\n").slice(-3).join(" ");
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || !child.kill("SIGKILL")) return;
  await once(child, "exit");
}
