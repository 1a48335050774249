import { readFileSync } from "node:fs";

/** Of the counts in /proc/pid/stat: USER_HZ, 100 on every Linux. */
const TICKS_A_SECOND = 100;

/** Processor time that a process has taken so far, in seconds; 0 where there is none or the system does not tell. (proc(5)) */
export function cpuSecondsOf(pid: number | undefined): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  } catch {
    return 0;
  }
}
