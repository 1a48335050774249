import { stat } from "node:fs/promises";
import { FileChanges } from "./file-changes.ts";
import { versionOf } from "./opened-model.ts";

/** Who uses what a file holds, and goes on with what it comes to hold. */
export interface ContentUser {
  /** @throws what cannot be read, or is not to be used */
  read(): Promise<Uint8Array>;
  /** Goes on with other contents. @throws what is wrong with them; the former ones go on then */
  take(bytes: Uint8Array, version: string): Promise<void>;
  /** Hears that the file was asked for, and holds what is used already. */
  keep(version: string): void;
  /** Hears why the file's contents are not used. */
  refuse(thrown: unknown): void;
  /** What is thrown where the path leads to what cannot be read twice. */
  noFile(): Error;
}

/** What was changed last has to stay as it is for so long, in milliseconds: its writer may not be at its end. */
const SETTLING = 100;

/**
 * Watches a file, by whatever name or link it is reached. Other contents than those that are used are taken when they have settled, one
 * after the other. A file that is not there is waited for.
 */
export class FileContents {
  readonly #path: string;
  readonly #user: ContentUser;
  readonly #ending = new AbortController();
  readonly #changes: FileChanges;
  readonly #watching: Promise<void>;
  #version: string;
  /** States of the file: when it was looked at last, and when it was read last. */
  #seen: string | undefined;
  #read: string | undefined;
  /** Version of contents that were refused: it is said once. */
  #refused: string | undefined;
  #isAsked = false;

  /** @param version of what is used till then, as `versionOf` */
  constructor(path: string, version: string, user: ContentUser) {
    this.#path = path;
    this.#user = user;
    this.#version = version;
    // A process ends without other contents.
    this.#changes = new FileChanges(path, this.#ending.signal, { keepsProcess: false });
    this.#watching = this.#watch();
  }

  /** Has the file read now, whether it has changed or not. */
  readNow(): void {
    this.#isAsked = true;
    this.#changes.look();
  }

  /** Takes nothing more. Ends when what is being taken is. */
  async close(): Promise<void> {
    this.#ending.abort();
    this.#changes.close();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const isAsked = this.#isAsked;
      this.#isAsked = false;
      // The first time, too: it may have changed since it was opened.
      const isSettled = await this.#look(isAsked);
      if (this.#isAsked) continue;
      await (isSettled ? this.#changes.next() : this.#changes.settle(SETTLING));
    }
  }

  /** @returns false where what is there may still be written to */
  async #look(isAsked: boolean): Promise<boolean> {
    const state = await stateOf(this.#path);
    const isNew = state !== this.#seen;
    this.#seen = state;
    if (!isAsked) {
      // A name that leads nowhere may lead to another file in a moment; a pipe gives its contents once.
      if (state === "none" || state === "no file" || state === this.#read) return true;
      if (isNew) return false;
    }
    try {
      if (state === "no file") throw this.#user.noFile();
      const bytes = await this.#user.read();
      if (!isAsked && (await stateOf(this.#path)) !== state) return false;
      this.#read = state;
      await this.#takeNew(bytes, isAsked);
    } catch (thrown) {
      this.#read = state;
      this.#user.refuse(thrown);
    }
    return true;
  }

  async #takeNew(bytes: Uint8Array, isAsked: boolean): Promise<void> {
    const version = versionOf(bytes);
    if (version === this.#version && isAsked) this.#user.keep(version);
    const isKnown = version === this.#version || (version === this.#refused && !isAsked);
    this.#refused = isKnown ? this.#refused : version;
    if (isKnown) return;
    await this.#user.take(bytes, version);
    this.#version = version;
    this.#refused = undefined;
  }
}

/**
 * What tells a file at a time from another one, or from itself at another time; links are followed.
 * @returns "none" where there is nothing, "no file" for what cannot be read twice, such as a pipe
 */
async function stateOf(path: string): Promise<string> {
  try {
    const status = await stat(path, { bigint: true });
    const { dev, ino, size, mtimeNs, ctimeNs } = status;
    const isReadTwice = status.isFile() || status.isDirectory();
    return isReadTwice ? [dev, ino, size, mtimeNs, ctimeNs].join(":") : "no file";
  } catch {
    return "none";
  }
}
