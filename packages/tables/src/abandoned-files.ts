import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/*
 * Temporary files carry a mark of the process that made them, so that those of a process that was killed can be told from
 * those of one that is at work.
 */

/** Eight digits of the machine, a process's number, eight digits of its start. */
const MARK = "([0-9a-f]{8})-([0-9]+)-([0-9a-f]{8})";

/** The machine's name and the processes that can be seen from here: a shared folder may hold files of other machines. */
const machine: string = shortHash(`${hostname()} ${readLink("/proc/self/ns/pid")}`);

/** The mark of this process, for a file's name. */
export function processMark(): string {
  return `${machine}-${process.pid}-${startOf(process.pid)}`;
}

/**
 * Removes what processes of this machine that are no more have left in a folder: entries whose name is `prefix`, a mark of
 * theirs, and anything. Never rejects: what cannot be removed stays.
 */
export async function removeAbandoned(folder: string, prefix: string): Promise<void> {
  const marked = new RegExp(`^${MARK}\\b`);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const [, where, process, start] = marked.exec(name.slice(prefix.length)) ?? [];
    if (where !== machine || isAtWork(Number(process), start)) continue;
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAtWork(process: number, start: string | undefined): boolean {
  return exists(process) && startOf(process) === start;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not allowed: somebody else's, which is there.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

/**
 * When a process began, as a mark: its number may be another's later. The same for all where the system does not tell, and
 * nobody's for a process that has ended and waits for its parent. Source of the fields: proc(5), /proc/pid/stat.
 */
function startOf(pid: number): string {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return "00000000";
  }
  // The second field is the program's name, in brackets, and may hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state] = fields;
  const start = fields[19];
  return state === "Z" || state === "X" ? "" : shortHash(`${bootId()} ${start}`);
}

/** A process's start is counted from that of the machine. */
function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1");
  } catch {
    return "";
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
