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
  end(): Promise<void>;
}

/**
 * @param threads of the model; the command's own choice where it is absent
 * @param command the one of another build
 * @throws Error when it does not begin to listen
 */
export async function startService(
  model: string,
  threads?: number,
  command: string = OWN_COMMAND,
): Promise<ServiceProcess> {
  const options = threads === undefined ? [] : ["--threads", String(threads)];
  const line = [command, "serve", model, "--port", "0", "--provider", "cpu", ...options];
  const child: ChildProcess = spawn(process.execPath, line, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const said of createInterface(child.stdout as Readable)) {
    const url = /^listening on (\S+)$/.exec(said)?.[1];
    if (url === undefined) continue;
    return {
      url,
      memory: () => residentMemory(child.pid),
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
