import { stat } from "node:fs/promises";
import { OddflowError } from "@oddflow/preprocessing";
import { FileChanges } from "./file-changes.ts";
import { type ModelPlace, type OpenedModel, openBytes, tryModel, versionOf } from "./opened-model.ts";
import { readModel } from "./read-model.ts";
import { complain, oneLine } from "./terminal.ts";

/** What becomes of new models. */
export interface ModelTaker {
  /**
   * Scores by a model from now on; its scorer is the taker's when this ends.
   * @throws what is wrong with a model that it cannot take; the former one goes on then
   */
  take(model: OpenedModel): Promise<void>;
  /** Hears that the file holds what cannot score. */
  refuse?(): void;
}

/** What was changed last has to stay as it is for so long, in milliseconds: its writer may not be at its end. */
const SETTLING = 100;

/**
 * Watches a model's file, by whatever name or link it is reached. Other bytes than those that score are opened, tried and taken
 * when they have settled, one model after the other; what comes of it is said on standard error. A file that is not there is
 * waited for.
 */
export class ModelChanges {
  readonly #place: ModelPlace;
  readonly #taker: ModelTaker;
  readonly #ending = new AbortController();
  readonly #changes: FileChanges;
  readonly #watching: Promise<void>;
  #version: string;
  /** States of the file: when it was looked at last, and when it was read last. */
  #seen: string | undefined;
  #read: string | undefined;
  /** Version of a model that was refused: it is said once. */
  #refused: string | undefined;
  #isAsked = false;

  /** @param first what scores till then */
  constructor(place: ModelPlace, first: OpenedModel, taker: ModelTaker) {
    this.#place = place;
    this.#taker = taker;
    this.#version = first.version;
    // A process ends without another model.
    this.#changes = new FileChanges(place.path, this.#ending.signal, { keepsProcess: false });
    this.#watching = this.#watch();
  }

  /** Has the file read now, whether it has changed or not. */
  readNow(): void {
    this.#isAsked = true;
    this.#changes.look();
  }

  /** Takes no more models. Ends when the one that is being taken is. */
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
    const { path, trust } = this.#place;
    const state = await stateOf(path);
    const isNew = state !== this.#seen;
    this.#seen = state;
    if (!isAsked) {
      // A name that leads nowhere may lead to another file in a moment; a pipe gives its model once.
      if (state === "none" || state === "no file" || state === this.#read) return true;
      if (isNew) return false;
    }
    try {
      if (state === "no file") throw noFile(path);
      const bytes = await readModel(path, trust);
      if (!isAsked && (await stateOf(path)) !== state) return false;
      this.#read = state;
      await this.#takeNew(bytes, isAsked);
    } catch (thrown) {
      this.#read = state;
      this.#refuse(thrown);
    }
    return true;
  }

  async #takeNew(bytes: Uint8Array, isAsked: boolean): Promise<void> {
    const { path } = this.#place;
    const version = versionOf(bytes);
    if (version === this.#version && isAsked) tell(`${path}: ${nameOf(version)} scores already`);
    const isKnown = version === this.#version || (version === this.#refused && !isAsked);
    this.#refused = isKnown ? this.#refused : version;
    if (isKnown) return;
    const model = await openBytes(bytes, this.#place);
    try {
      await tryModel(model, path);
      await this.#taker.take(model);
    } catch (thrown) {
      await model.scorer.close();
      throw thrown;
    }
    tell(`${path}: ${nameOf(version)} scores from now on, ${nameOf(this.#version)} did`);
    this.#version = version;
    this.#refused = undefined;
  }

  #refuse(thrown: unknown): void {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    tell(`${this.#place.path} is refused, and ${nameOf(this.#version)} goes on scoring: ${reason}`);
    this.#taker.refuse?.();
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

function noFile(path: string): OddflowError {
  return new OddflowError(
    "MODEL_NOT_FOUND",
    `open model: ${path}: it is no file that can be read again; name a file for models that change`,
  );
}

function tell(text: string): void {
  complain(`model      ${oneLine(text)}\n`);
}

/** The first digits of a version are enough to tell models apart. */
function nameOf(version: string): string {
  return version.slice(0, 12);
}
