import { readFile } from "node:fs/promises";
import type { Scorer } from "@oddflow/inference";
import { ContextEncoder, type ContextSpec, OddflowError } from "@oddflow/preprocessing";
import type { OutputPlace } from "@oddflow/tables";

/** Milliseconds between two savings: as much is lost when the process is killed. */
const SAVING_INTERVAL = 60_000;

/** What a model counts of flows that come one after the other, and the file in which that outlives the process. */
export class LiveContext {
  readonly #path: string | undefined;
  #spec: ContextSpec | undefined;
  #encoder: ContextEncoder | undefined;
  #savedAt = Date.now();

  private constructor({ context }: Scorer, encoder: ContextEncoder | undefined, path: string | undefined) {
    this.#spec = context;
    this.#encoder = encoder;
    this.#path = path;
  }

  /**
   * Begins where the file says, or with no flow where there is no such file yet.
   * @param path undefined where nothing is kept
   * @throws OddflowError USAGE for a file that the model has no use for; CONTEXT_INVALID; OUTPUT_UNWRITABLE
   */
  static async open(scorer: Scorer, path: string | undefined): Promise<LiveContext> {
    const { context } = scorer;
    checkUse(context, path);
    if (context === undefined) return new LiveContext(scorer, undefined, path);
    const saved = path === undefined ? undefined : await readSaved(path);
    // What cannot be saved in the end is better said in the beginning.
    if (path !== undefined) await (await findPlace(path)).discard();
    const encoder =
      saved === undefined ? ContextEncoder.begin(context, randomKey()) : restore(context, saved, path);
    return new LiveContext(scorer, encoder, path);
  }

  /** Undefined for a model that sees each flow alone. */
  get encoder(): ContextEncoder | undefined {
    return this.#encoder;
  }

  /**
   * What another model counts with: what there is where it counts the same, so that its flows have the context that they would have
   * had; or what has met no flow.
   * @throws OddflowError USAGE for a model that sees each flow alone, where there is a file
   */
  encoderFor({ context }: Scorer): ContextEncoder | undefined {
    checkUse(context, this.#path);
    if (context === undefined) return undefined;
    const isSame = JSON.stringify(context) === JSON.stringify(this.#spec);
    return isSame ? this.#encoder : ContextEncoder.begin(context, randomKey());
  }

  /** Goes on for another model. @param encoder as `encoderFor` gave it */
  goOn({ context }: Scorer, encoder: ContextEncoder | undefined): void {
    this.#spec = context;
    this.#encoder = encoder;
  }

  /** @throws OddflowError OUTPUT_UNWRITABLE */
  async save(): Promise<void> {
    if (this.#path === undefined || this.#encoder === undefined) return;
    this.#savedAt = Date.now();
    const bytes = this.#encoder.save();
    const place = await findPlace(this.#path);
    try {
      await place.fill(bytes);
      await place.take();
    } finally {
      await place.discard();
    }
  }

  /** Saves where that was not done for a minute. */
  async saveInTime(): Promise<void> {
    if (Date.now() - this.#savedAt >= SAVING_INTERVAL) await this.save();
  }

  /**
   * Saves every minute until it is told not to.
   * @param tell hears what is wrong with one, after which others are tried
   */
  saveNowAndThen(tell: (problem: string) => void): () => void {
    const timer = setInterval(() => {
      this.save().catch((error: unknown) => tell(error instanceof Error ? error.message : String(error)));
    }, SAVING_INTERVAL);
    return () => clearInterval(timer);
  }

  /** What of the flows that came could not be counted as they are, in words; empty where all were. */
  get notes(): readonly string[] {
    if (this.#encoder === undefined) return [];
    const { evicted, tooLate, restarts } = this.#encoder.counts;
    const count = (flows: number): string =>
      `${flows.toLocaleString("en-US")} ${flows === 1 ? "flow" : "flows"}`;
    return [
      ...(tooLate > 0
        ? [`${count(tooLate)} came later than the longest window, and counted as of the time they came`]
        : []),
      ...(restarts > 0
        ? [`time was set back, so context began anew ${restarts === 1 ? "once" : `${restarts} times`}`]
        : []),
      ...(evicted > 0 ? [`${count(evicted)} left the context early, since there is no room for more`] : []),
    ];
  }
}

function checkUse(context: ContextSpec | undefined, path: string | undefined): void {
  if (context !== undefined || path === undefined) return;
  throw new OddflowError(
    "USAGE",
    `--context-state ${path}: the model sees each flow alone, so there is nothing to keep; leave it out`,
  );
}

/** DuckDB, which the package loads, is for files alone. */
async function findPlace(path: string): Promise<OutputPlace> {
  const { findOutputPlace } = await import("@oddflow/tables");
  return findOutputPlace(path, []);
}

async function readSaved(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    if (code === "ENOENT") return undefined;
    throw new OddflowError(
      "CONTEXT_INVALID",
      `restore context: ${path} cannot be read: the system says ${code}; name another file, or begin without it`,
      { cause },
    );
  }
}

function restore(context: NonNullable<Scorer["context"]>, saved: Uint8Array, path = ""): ContextEncoder {
  try {
    return ContextEncoder.restore(context, saved);
  } catch (error) {
    if (!(error instanceof OddflowError)) throw error;
    throw new OddflowError(
      error.code,
      error.message.replace(/^restore context: /, `restore context: ${path}: `),
      {
        cause: error,
      },
    );
  }
}

/** A key that nobody can know, by which names become the keys of a context. */
export function randomKey(): [number, number] {
  const [low = 0, high = 0] = crypto.getRandomValues(new Uint32Array(2));
  return [low, high];
}
