import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { OddflowError } from "@oddflow/preprocessing";

/** From where to go on. */
export interface ResumePoint {
  readonly bytes: number;
  /** What the server said of the version that these bytes are of: an ETag, or a date. */
  readonly validator: string;
}

/**
 * The beginning of a file, beside its place under a name of its own, which outlives the process. Another file beside it says
 * which address it came from and of which version it is.
 *
 * What the system does not let it do is OUTPUT_UNWRITABLE.
 */
export class PartialFile {
  readonly path: string;
  readonly #target: string;
  readonly #origin: string;
  readonly #lock: string;
  #descriptor: number | undefined;

  constructor(target: string) {
    this.#target = target;
    this.path = `${target}.partial`;
    this.#origin = `${this.path}.origin`;
    this.#lock = `${this.path}.lock`;
  }

  /**
   * Keeps other processes from writing to it, until `release`. What a process that ended without that left behind counts for nothing.
   * @throws OddflowError OUTPUT_UNWRITABLE where another process writes to it
   */
  claim(): void {
    this.#onDisk(() => {
      if (this.#makeLock()) return;
      const owner = readOwner(this.#lock);
      if (isRunning(owner)) {
        throw new OddflowError(
          "OUTPUT_UNWRITABLE",
          `fetch: ${this.#target} is being fetched by process ${owner}; wait for that, or name another folder with --out`,
        );
      }
      rmSync(this.#lock, { force: true });
      this.#makeLock();
    });
  }

  release(): void {
    rmSync(this.#lock, { force: true });
  }

  /** Whether there was none. */
  #makeLock(): boolean {
    try {
      writeFileSync(this.#lock, String(process.pid), { flag: "wx" });
      return true;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
      throw error;
    }
  }

  /** @returns undefined where there is nothing, or nothing of this address of which the version is known */
  resumePoint(url: string): ResumePoint | undefined {
    const bytes = this.size();
    const origin = readOrigin(this.#origin);
    if (bytes === 0 || origin?.url !== url) return undefined;
    return { bytes, validator: origin.validator };
  }

  /** Bytes that are there, 0 where there is no file. */
  size(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Opens it, and empties it; without a validator what comes now cannot be gone on with later. */
  begin(url: string, validator: string | undefined): void {
    this.#onDisk(() => {
      rmSync(this.#origin, { force: true });
      this.#descriptor = openSync(this.path, "w");
      if (validator !== undefined) writeFileSync(this.#origin, JSON.stringify({ url, validator }));
    });
  }

  /** Opens it where it ends. */
  goOn(): void {
    this.#onDisk(() => {
      this.#descriptor = openSync(this.path, "a");
    });
  }

  write(bytes: Uint8Array): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) throw new Error(`${this.path} is not open`);
    this.#onDisk(() => {
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    });
  }

  /** Harmless when it is not open. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** Puts the whole file in its place. */
  complete(): void {
    this.#onDisk(() => {
      const descriptor = openSync(this.path, "r+");
      // The name must not outlive the bytes when the machine stops.
      fsyncSync(descriptor);
      closeSync(descriptor);
      renameSync(this.path, this.#target);
      rmSync(this.#origin, { force: true });
    });
  }

  remove(): void {
    this.#onDisk(() => {
      rmSync(this.path, { force: true });
      rmSync(this.#origin, { force: true });
    });
  }

  #onDisk(task: () => void): void {
    try {
      task();
    } catch (error) {
      throw unusable(this.#target, error);
    }
  }
}

/** The process that a lock is of; NaN where it has gone meanwhile. */
function readOwner(path: string): number {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return Number.NaN;
  }
}

function isRunning(id: number): boolean {
  if (!(Number.isInteger(id) && id > 0)) return false;
  try {
    return process.kill(id, 0);
  } catch (error) {
    // It is there, and somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** What the system said of a file or folder, as the one-line error; anything else as it is. */
export function unusable(path: string, error: unknown): unknown {
  if (!(error instanceof Error && "syscall" in error && "code" in error)) return error;
  return new OddflowError(
    "OUTPUT_UNWRITABLE",
    `fetch: ${path} cannot be used: ${systemProblem(error.code)}`,
    {
      cause: error,
    },
  );
}

function systemProblem(code: unknown): string {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return "no space is left; free some or name another folder with --out";
    case "ENOENT":
      return "there is no folder to make it in; make that first";
    default:
      return `the system says ${code}; name another folder with --out`;
  }
}

/** Undefined where there is none, or one that was cut short. */
function readOrigin(path: string): { readonly url: string; readonly validator: string } | undefined {
  let origin: unknown;
  try {
    origin = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
  if (typeof origin !== "object" || origin === null || !("url" in origin && "validator" in origin))
    return undefined;
  const { url, validator } = origin;
  return typeof url === "string" && typeof validator === "string" ? { url, validator } : undefined;
}
