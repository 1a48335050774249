import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** A file is looked at this often, in milliseconds, whatever the system tells: of some it tells nothing, such as those on other machines. */
const POLL = 1000;

/** What comes within this many milliseconds is read together: a writer may add one line after another. */
const GATHERING = 20;

interface FileChangesOptions {
  /** Whether the process lives as long as somebody waits; it does where this is absent. */
  readonly keepsProcess?: boolean;
}

/** Tells when it is worth looking at a file again: something happened to it, or to its name. */
export class FileChanges {
  readonly #signal: AbortSignal;
  readonly #keepsProcess: boolean;
  readonly #watcher: FSWatcher | undefined;
  #hasChanged = false;
  #wake = (): void => undefined;

  /** @param signal ends the waiting */
  constructor(path: string, signal: AbortSignal, { keepsProcess = true }: FileChangesOptions = {}) {
    this.#signal = signal;
    this.#keepsProcess = keepsProcess;
    this.#watcher = watchFolder(dirname(path), (name) => {
      if (name !== null && name !== basename(path)) return;
      this.look();
    });
    if (!keepsProcess) this.#watcher?.unref();
  }

  /** Waits for a change since this was called last, a second at most, or until the signal. */
  async next(): Promise<void> {
    await this.#pause(GATHERING);
    if (!this.#hasChanged) await this.#pause(POLL - GATHERING, true);
    this.#hasChanged = false;
  }

  /** Waits, whatever happens to the file, or until the signal. */
  settle(milliseconds: number): Promise<void> {
    return this.#pause(milliseconds);
  }

  /** Has whoever waits look now. */
  look(): void {
    this.#hasChanged = true;
    this.#wake();
  }

  close(): void {
    this.#watcher?.close();
  }

  #pause(milliseconds: number, endsByChange = false): Promise<void> {
    const signal = this.#signal;
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        this.#wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      if (!this.#keepsProcess) timer.unref();
      if (signal.aborted) return end();
      signal.addEventListener("abort", end);
      if (endsByChange) this.#wake = end;
    });
  }
}

/** Undefined where the system watches no folder for us: polling has to do. */
function watchFolder(folder: string, tell: (name: string | null) => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, (_, name) => tell(name));
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
