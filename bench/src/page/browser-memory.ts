import { readdirSync, readFileSync } from "node:fs";

/** What a browser's processes have taken at most, in bytes. Linux alone tells it. */
export interface BrowserMemory {
  /** Of the process that renders the page, its workers among it: the largest of these processes. */
  readonly renderer: number;
  /** Of the process that they hang on, which keeps what is saved until it is written. */
  readonly browser: number;
}

/** @param pid of the browser, whose processes are those below it */
export function browserMemory(pid: number): BrowserMemory {
  const renderers = descendants(pid).filter((child) => commandLine(child).includes("--type=renderer"));
  return { renderer: Math.max(0, ...renderers.map(peak)), browser: peak(pid) };
}

function descendants(pid: number): number[] {
  const parents = readdirSync("/proc").flatMap((name) => {
    const own = Number(name);
    const parent = Number(/^PPid:\s+(\d+)/m.exec(read(own, "status"))?.[1]);
    return Number.isInteger(own) && Number.isInteger(parent) ? [[own, parent] as const] : [];
  });
  const below = (of: number): number[] =>
    parents.flatMap(([own, parent]) => (parent === of ? [own, ...below(own)] : []));
  return below(pid);
}

function commandLine(pid: number): string {
  return read(pid, "cmdline");
}

function peak(pid: number): number {
  return 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(read(pid, "status"))?.[1] ?? 0);
}

/** Empty for a process that has ended in the meantime. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
