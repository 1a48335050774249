import { OddflowError } from "@oddflow/preprocessing";
import { FileContents } from "./file-contents.ts";
import { type ModelPlace, type OpenedModel, openBytes, tryModel } from "./opened-model.ts";
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

/**
 * Watches a model's file, as `FileContents`: what it comes to hold is opened, tried and taken; what comes of it is said on standard
 * error.
 */
export class ModelChanges {
  readonly #contents: FileContents;

  /** @param first what scores till then */
  constructor(place: ModelPlace, first: OpenedModel, taker: ModelTaker) {
    const { path, trust } = place;
    let current = first.version;
    this.#contents = new FileContents(path, current, {
      read: () => readModel(path, trust),
      async take(bytes, version) {
        const model = await openBytes(bytes, place);
        try {
          await tryModel(model, path);
          await taker.take(model);
        } catch (thrown) {
          await model.scorer.close();
          throw thrown;
        }
        tell(`${path}: ${nameOf(version)} scores from now on, ${nameOf(current)} did`);
        current = version;
      },
      keep: (version) => tell(`${path}: ${nameOf(version)} scores already`),
      refuse(thrown) {
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        tell(`${path} is refused, and ${nameOf(current)} goes on scoring: ${reason}`);
        taker.refuse?.();
      },
      noFile: () => noFile(path),
    });
  }

  /** Has the file read now, whether it has changed or not. */
  readNow(): void {
    this.#contents.readNow();
  }

  /** Takes no more models. Ends when the one that is being taken is. */
  close(): Promise<void> {
    return this.#contents.close();
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
