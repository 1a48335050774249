/**
 * Loaded before a command (`node --import`): writes the process's CPU seconds and peak memory, as JSON, to a file in the
 * folder that ODDFLOW_BENCH_USAGE names, when it ends. The processes that it starts do so, too; threads leave it at that.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";

const folder = process.env["ODDFLOW_BENCH_USAGE"];
if (isMainThread && folder !== undefined) {
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
    const path = join(folder, `${process.pid}.json`);
    writeFileSync(path, JSON.stringify({ cpuSeconds, peakMemoryBytes: highWaterMark() ?? maxRSS * 1024 }));
  });
}

/** Linux's own count: there the other one starts with the memory of the process that started this one. */
function highWaterMark(): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s*([0-9]+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
