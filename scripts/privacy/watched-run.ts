import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createReadStream, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findTrespasses, TRACED, type Trespass } from "./read-trace.ts";

/** A program, run as a user would. */
export interface Program {
  /** Of Node's, `process.execPath` before it. */
  readonly parameters: readonly string[];
  /** A file for its standard input. */
  readonly input?: string;
  /** Files that it is to leave in the folder in which it runs, and no other. */
  readonly outputs: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

/** What a program did that it should not have done, and whether it did what it should. */
export interface Watched {
  readonly status: number | null;
  /** The end of what it wrote to its standard error. */
  readonly complaint: string;
  readonly trespasses: readonly Trespass[];
  /** Files that it left, but for its outputs; relative to its own place. */
  readonly left: readonly string[];
  readonly missingOutputs: readonly string[];
}

/** How a program gets a network of its own that reaches nothing but itself; or why that cannot be had here. */
export type Namespace = { readonly command: readonly string[] } | { readonly reason: string };

/** Loopback is down in a new namespace. */
const WITH_LOOPBACK = 'PATH=$PATH:/usr/sbin:/sbin; ip link set lo up && exec "$@"';

/** Root makes a network namespace as it is, anybody else as root of a user namespace, where the system lets them. */
export function findNamespace(): Namespace {
  const reasons: string[] = [];
  for (const flags of [["--net"], ["--map-root-user", "--net"]]) {
    const command = ["unshare", ...flags, "sh", "-c", WITH_LOOPBACK, "sh"];
    const trial = ["strace", "-f", "-o", "/dev/null", "true"];
    const { status, stderr, error } = spawnSync("unshare", [...command.slice(1), ...trial], {
      encoding: "utf8",
    });
    if (status === 0) return { command };
    reasons.push(error?.message ?? stderr.trim().split("\n").at(-1) ?? `exit status ${status}`);
  }
  return { reason: `no namespace without a network, or no strace in it: ${reasons.join("; ")}` };
}

/** Runs a program of Node's in a namespace, in an empty place of its own, and looks at what it did. */
export async function runWatched(
  { parameters, input, outputs, variables = {} }: Program,
  namespace: readonly string[],
  place: string,
): Promise<Watched> {
  const at = (name: string): string => join(place, name);
  for (const name of ["home", "cache", "tmp", "work"]) mkdirSync(at(name), { recursive: true });
  const trace = `${place}.trace`;
  const strace = [
    "strace",
    "-f",
    "-y",
    "-qq",
    "--seccomp-bpf",
    "-o",
    trace,
    "-e",
    `trace=${TRACED.join(",")}`,
  ];
  const [program = "", ...before] = [...namespace, ...strace, process.execPath];
  const child = spawn(program, [...before, ...parameters], {
    cwd: at("work"),
    // Nothing else of this environment: a CI's variables switch telemetry off too.
    env: {
      PATH: process.env["PATH"],
      HOME: at("home"),
      XDG_CACHE_HOME: at("cache"),
      TMPDIR: at("tmp"),
      ...variables,
    },
    stdio: [input === undefined ? "ignore" : "pipe", "ignore", "pipe"],
  });
  if (input !== undefined && child.stdin !== null) createReadStream(input).pipe(child.stdin);
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const [status] = (await once(child, "close")) as [number | null];
  const files = readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(place.length + 1));
  const wanted = outputs.map((name) => join("work", name));
  return {
    status,
    complaint: complaint.trim(),
    trespasses: findTrespasses(readFileSync(trace, "utf8"), place, at("work")),
    left: files.filter((file) => !wanted.includes(file)),
    missingOutputs: wanted.filter((file) => !files.includes(file)),
  };
}
