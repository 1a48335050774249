/**
 * Loaded before a command (`node --import`): writes the command's CPU seconds and peak memory, as JSON, to the file that
 * ODDFLOW_BENCH_USAGE names, when the process ends. Workers load it too and leave it at that.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

const path = process.env["ODDFLOW_BENCH_USAGE"];
if (isMainThread && path !== undefined) {
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
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
