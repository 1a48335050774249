import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How a disk that is full or read-only is had: by mounting one, which needs the right to, or in another way. */
export type DiskKind = "mounted" | "limited";

let kind: DiskKind | undefined;

/** Whether file systems can be mounted here, tried once. */
export function diskKind(): DiskKind {
  if (kind !== undefined) return kind;
  const folder = mkdtempSync(join(tmpdir(), "oddflow-disk-"));
  try {
    mount(folder, 4096);
    kind = "mounted";
    unmount(folder);
  } catch {
    kind = "limited";
  } finally {
    rmSync(folder, { recursive: true });
  }
  return kind;
}

/** Puts an empty file system of so many bytes in place of a folder's content. @throws Error where that is not allowed */
export function mount(folder: string, bytes: number): void {
  mkdirSync(folder, { recursive: true });
  system("mount", "-t", "tmpfs", "-o", `size=${Math.max(4096, Math.ceil(bytes))}`, "tmpfs", folder);
}

/** Harmless where nothing was mounted. */
export function unmount(folder: string): void {
  if (diskKind() === "mounted") system("umount", "--lazy", folder);
}

/** Lets nothing be written in a folder any more: the file system that is mounted there, or else the folder itself. */
export function forbidWriting(folder: string): void {
  if (diskKind() === "mounted") system("mount", "-o", "remount,ro", folder);
  else chmodSync(folder, 0o555);
}

export function allowWriting(folder: string): void {
  if (diskKind() !== "mounted") chmodSync(folder, 0o755);
}

/** Whether a folder can be made read-only for this process: its owner's permissions bind everyone but root. */
export function canForbidWriting(): boolean {
  return diskKind() === "mounted" || process.getuid?.() !== 0;
}

function system(...command: readonly [string, ...string[]]): void {
  const [program, ...given] = command;
  const { status, stderr, error } = spawnSync(program, given, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command.join(" ")}: ${error?.message ?? stderr}`);
}
