import { closeSync, constants, openSync } from "node:fs";

/**
 * What SIGHUP says to a process that can read its model and its rules again: that it should, or, where it began at a terminal that has gone
 * since, and on Windows, where a window was closed, that it should end.
 */
export class Hangup {
  readonly #hadTerminal = hasTerminal();
  #isHeard = false;
  readonly #listeners: (() => void)[] = [];

  /** @returns false where the process should end */
  hear(): boolean {
    if (process.platform === "win32" || (this.#hadTerminal && !hasTerminal())) return false;
    this.#isHeard = true;
    for (const listener of this.#listeners) listener();
    return true;
  }

  /** @param listener is called for what came before, too */
  onHeard(listener: () => void): void {
    this.#listeners.push(listener);
    if (this.#isHeard) listener();
  }
}

/** Whether there is a terminal that this process hangs on, wherever its streams lead. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", constants.O_RDWR | constants.O_NOCTTY));
    return true;
  } catch {
    return false;
  }
}
