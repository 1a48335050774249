import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { OWN_COMMAND } from "../../inputs.ts";

/** `oddflow serve` in a process of its own. */
export interface ServiceProcess {
  readonly url: string;
  /** Resident memory in bytes, one number; none where the system does not say. */
  memory(): readonly number[];
  /** Processor time of all its threads so far, one number; none where the system does not say. */
  cpuSeconds(): readonly number[];
  end(): Promise<void>;
}

/**
 * @param options of the command
 * @param command the one of another build
 * @throws Error when it does not begin to listen
 */
export async function startService(
  model: string,
  options: readonly string[] = [],
  command: string = OWN_COMMAND,
): Promise<ServiceProcess> {
  const line = [command, "serve", model, "--port", "0", "--provider", "cpu", ...options];
  const child: ChildProcess = spawn(process.execPath, line, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const said of createInterface(child.stdout as Readable)) {
    const url = /^listening on (\S+)$/.exec(said)?.[1];
    if (url === undefined) continue;
    return {
      url,
      memory: () => residentMemory(child.pid),
      cpuSeconds: () => cpuSeconds(child.pid),
      end: async () => {
        if (child.kill("SIGTERM")) await once(child, "exit");
      },
    };
  }
  throw new Error("bench: oddflow serve did not begin to listen");
}

function residentMemory(pid: number | undefined): readonly number[] {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return [];
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(path, "utf8"))?.[1];
  return kilobytes === undefined ? [] : [Number(kilobytes) * 1024];
}

/** Ticks of the clock by which Linux counts: 100 on every system that Node runs on. */
const TICKS_A_SECOND = 100;

function cpuSeconds(pid: number | undefined): readonly number[] {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return [];
  // Behind the name, which may have any letters and ends with a bracket: utime and stime are the 14th and 15th field of all.
  const fields = readFileSync(path, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return [(Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND];
}
