import { fork } from "node:child_process";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import type { Measurement } from "./measure.ts";
import { SUITES } from "./suites/index.ts";

const HEADER = `${"case".padEnd(36)} ${"flows/s (median)".padStart(18)} ${"slowest".padStart(14)} ${"fastest".padStart(14)}  samples`;

/** `pnpm bench [--only NAME]`: every suite in a process of its own, a table each. */
const only = readOnly(process.argv.slice(2));
process.stdout.write(
  `${cpus()[0]?.model ?? "unknown CPU"}, ${availableParallelism()} cores, Node ${process.versions.node}\n`,
);
for (const name of SUITES.keys()) {
  if ((only === undefined || only === name) && !(await runSuite(name))) process.exitCode = 1;
}

function readOnly(args: readonly string[]): string | undefined {
  if (args.length === 0) return undefined;
  const [option, name = ""] = args;
  if (option === "--only" && args.length === 2 && SUITES.has(name)) return name;
  process.stderr.write(`bench: usage: pnpm bench [--only ${[...SUITES.keys()].join("|")}]\n`);
  process.exit(2);
}

/** Resolves to whether all went well; what did not has been written to standard error by then. */
function runSuite(name: string): Promise<boolean> {
  const child = fork(fileURLToPath(new URL("run-suite.js", import.meta.url)), [name]);
  child.on("message", (message: { title?: string; measurement?: Measurement }) => {
    if (message.title !== undefined) process.stdout.write(`\n${message.title}\n${HEADER}\n`);
    if (message.measurement !== undefined) process.stdout.write(`${formatRow(message.measurement)}\n`);
  });
  return new Promise((resolve) => child.on("exit", (code) => resolve(code === 0)));
}

function formatRow({ name, flowsPerSecond, samples }: Measurement): string {
  const { median, slowest, fastest } = flowsPerSecond;
  const figure = (value: number, width: number): string =>
    Math.round(value).toLocaleString("en-US").padStart(width);
  return `${name.padEnd(36)} ${figure(median, 18)} ${figure(slowest, 14)} ${figure(fastest, 14)}  ${samples}`;
}
