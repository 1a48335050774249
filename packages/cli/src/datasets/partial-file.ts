import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";

/** From where to go on. */
export interface ResumePoint {
  readonly bytes: number;
  /** What the server said of the version that these bytes are of: an ETag, or a date. */
  readonly validator: string;
}

/**
 * The beginning of a file, beside its place under a name of its own, which outlives the process. Another file beside it says
 * which address it came from and of which version it is.
 */
export class PartialFile {
  readonly path: string;
  readonly #origin: string;

  constructor(target: string) {
    this.path = `${target}.partial`;
    this.#origin = `${this.path}.origin`;
  }

  /** @returns undefined where there is nothing, or nothing of this address of which the version is known */
  async resumePoint(url: string): Promise<ResumePoint | undefined> {
    const bytes = await this.size();
    const origin: unknown = JSON.parse(await readFile(this.#origin, "utf8").catch(() => "null"));
    if (bytes === 0 || !isOrigin(origin) || origin.url !== url) return undefined;
    return { bytes, validator: origin.validator };
  }

  /** Bytes that are there, 0 where there is no file. */
  async size(): Promise<number> {
    return (await stat(this.path).catch(() => undefined))?.size ?? 0;
  }

  /** Empties it; without a validator what comes now cannot be gone on with later. */
  async begin(url: string, validator: string | undefined): Promise<FileHandle> {
    await rm(this.#origin, { force: true });
    const file = await open(this.path, "w");
    if (validator !== undefined) await writeFile(this.#origin, JSON.stringify({ url, validator }));
    return file;
  }

  goOn(): Promise<FileHandle> {
    return open(this.path, "a");
  }

  /** Puts the whole file in its place. */
  async complete(target: string): Promise<void> {
    const file = await open(this.path, "r+");
    // The name must not outlive the bytes when the machine stops.
    await file.sync().finally(() => file.close());
    await rename(this.path, target);
    await rm(this.#origin, { force: true });
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(this.#origin, { force: true });
  }
}

function isOrigin(value: unknown): value is { readonly url: string; readonly validator: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    "url" in value &&
    "validator" in value &&
    typeof value.validator === "string"
  );
}
