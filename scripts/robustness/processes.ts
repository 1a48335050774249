import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const PAGE_BYTES = 4096;
const ORPHAN_SECONDS = 5;

/** Memory that a process holds; 0 where the system does not tell. */
export function residentBytes(pid: number | undefined): number {
  return Number(read(`/proc/${pid}/statm`).split(" ")[1] ?? 0) * PAGE_BYTES;
}

/** Processes of a group that run, those left out that have ended and wait for their parent. (proc(5), /proc/pid/stat.) */
function runningIn(group: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const text = read(`/proc/${name}/stat`);
      const [state, , itsGroup] = text.slice(text.lastIndexOf(")") + 2).split(" ");
      return Number(itsGroup) === group && state !== "Z" && state !== "X";
    })
    .map(Number);
}

/** Waits for the processes of a group whose leader has ended, and ends those that stay. */
export async function lookForOrphans(group: number, onFault: (fault: string) => void): Promise<void> {
  const until = performance.now() + ORPHAN_SECONDS * 1000;
  while (runningIn(group).length > 0) {
    if (performance.now() > until) {
      onFault(`${runningIn(group).length} processes are left`);
      process.kill(-group, "SIGKILL");
      return;
    }
    await pause(50);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
