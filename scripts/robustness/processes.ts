import { readdirSync, readFileSync } from "node:fs";

const PAGE_BYTES = 4096;

/** Memory that a process holds; 0 where the system does not tell. */
export function residentBytes(pid: number | undefined): number {
  return Number(read(`/proc/${pid}/statm`).split(" ")[1] ?? 0) * PAGE_BYTES;
}

/** Processes of a group that run, those left out that have ended and wait for their parent. (proc(5), /proc/pid/stat.) */
export function runningIn(group: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const text = read(`/proc/${name}/stat`);
      const [state, , itsGroup] = text.slice(text.lastIndexOf(")") + 2).split(" ");
      return Number(itsGroup) === group && state !== "Z" && state !== "X";
    })
    .map(Number);
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
