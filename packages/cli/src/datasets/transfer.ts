import type { FileHandle } from "node:fs/promises";
import { type Dispatcher, fetch, type Response } from "undici";
import type { PartialFile, ResumePoint } from "./partial-file.ts";
import type { PublicFile } from "./public-datasets.ts";

/** Why a file did not come whole. */
export class TransferFailure extends Error {
  /**
   * `broken`: the same server may give the rest when it is asked again. `refused`: it will not. `unreachable`: there is no way
   * to the server. `mismatch`: what it has is another file.
   */
  readonly kind: "broken" | "refused" | "unreachable" | "mismatch";

  constructor(kind: TransferFailure["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** How a transfer is watched. */
export interface TransferOptions {
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
  /** A server that gives less than `slowestRate` bytes a second for so long is given up. */
  readonly stallSeconds: number;
  readonly slowestRate: number;
  /** Is told the bytes that are there. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Asks one address for a file, or for what is missing of it, and writes what comes to the partial file.
 * @throws TransferFailure, and the signal's reason
 */
export async function transfer(
  url: string,
  file: PublicFile,
  partial: PartialFile,
  options: TransferOptions,
): Promise<void> {
  const resume = await partial.resumePoint(url);
  if (resume?.bytes === file.bytes) return;
  const watch = new StallWatch(options);
  try {
    const response = await ask(url, resume, options.dispatcher, watch.signal);
    const goesOn = checkAnswer(response, file, resume);
    const output = goesOn ? await partial.goOn() : await partial.begin(url, validatorOf(response));
    await writeBody(
      response,
      output,
      goesOn ? (resume?.bytes ?? 0) : 0,
      file,
      watch,
      options.onBytes,
    ).finally(() => output.close());
  } catch (error) {
    options.signal.throwIfAborted();
    throw watch.stall ?? asFailure(error);
  } finally {
    watch.stop();
  }
}

function ask(
  url: string,
  resume: ResumePoint | undefined,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<Response> {
  // Ranges and lengths are of the bytes that are sent: no coding must be between these and the file's.
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (resume !== undefined) {
    headers["range"] = `bytes=${resume.bytes}-`;
    headers["if-range"] = resume.validator;
  }
  return fetch(url, { headers, dispatcher, signal });
}

/** @returns whether the answer goes on where the partial file ends */
function checkAnswer(response: Response, file: PublicFile, resume: ResumePoint | undefined): boolean {
  const { status, headers } = response;
  if (status === 416) throw new TransferFailure("mismatch", "it has fewer bytes than came before");
  if (status !== 200 && status !== 206) {
    const passes = status === 408 || status === 429 || status >= 500;
    throw new TransferFailure(
      passes ? "broken" : "refused",
      `it answers ${status} ${response.statusText}`.trim(),
    );
  }
  if (/\bhtml\b/.test(headers.get("content-type") ?? "")) throw isPage();
  if (status === 206) {
    const range = headers.get("content-range") ?? "";
    const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(range) ?? [];
    if (resume === undefined || Number(first) !== resume.bytes) {
      throw new TransferFailure("refused", `it answers with a part that was not asked for, "${range}"`);
    }
    checkLength(Number(total), file);
    return true;
  }
  const length = headers.get("content-length");
  if (length !== null && headers.get("content-encoding") === null) checkLength(Number(length), file);
  return false;
}

function checkLength(bytes: number, file: PublicFile): void {
  if (bytes === file.bytes) return;
  throw new TransferFailure("mismatch", `it has ${count(bytes)} bytes, ${count(file.bytes)} were expected`);
}

async function writeBody(
  response: Response,
  output: FileHandle,
  before: number,
  file: PublicFile,
  watch: StallWatch,
  onBytes: (bytes: number) => void,
): Promise<void> {
  let bytes = before;
  for await (const piece of response.body ?? []) {
    if (bytes === 0 && isMarkup(piece)) throw isPage();
    if (bytes + piece.length > file.bytes) {
      throw new TransferFailure(
        "mismatch",
        `it has more than the ${count(file.bytes)} bytes that were expected`,
      );
    }
    await output.writeFile(piece);
    bytes += piece.length;
    watch.count(piece.length);
    onBytes(bytes);
  }
  if (bytes < file.bytes) {
    throw new TransferFailure("broken", `it ended after ${count(bytes)} of ${count(file.bytes)} bytes`);
  }
}

/** A strong ETag, or else a date: a weak one does not tell bytes apart (RFC 9110, 13.1.5). */
function validatorOf({ headers }: Response): string | undefined {
  if (headers.get("content-encoding") !== null) return undefined;
  const tag = headers.get("etag");
  return tag?.startsWith('"') === true ? tag : (headers.get("last-modified") ?? undefined);
}

function isMarkup(piece: Uint8Array): boolean {
  return /^\s*<(!doctype|html)/i.test(Buffer.from(piece.subarray(0, 256)).toString("latin1"));
}

function isPage(): TransferFailure {
  return new TransferFailure(
    "refused",
    "an HTML page came in place of the file, as from a login or a filter",
  );
}

/** Ends a request whose bytes come too slowly. */
class StallWatch {
  readonly signal: AbortSignal;
  /** What it ended the request for. */
  stall: TransferFailure | undefined;
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;

  constructor({ signal, stallSeconds, slowestRate }: TransferOptions) {
    const controller = new AbortController();
    this.signal = AbortSignal.any([signal, controller.signal]);
    this.#timer = setInterval(() => {
      if (this.#bytes < stallSeconds * slowestRate) {
        this.stall = new TransferFailure(
          "broken",
          `it gave ${count(this.#bytes)} bytes in ${stallSeconds} s`,
        );
        controller.abort(this.stall);
      }
      this.#bytes = 0;
    }, stallSeconds * 1000);
  }

  count(bytes: number): void {
    this.#bytes += bytes;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** What the network said, as a failure; what the disk said, or a bug, as it is. */
function asFailure(error: unknown): unknown {
  if (error instanceof TransferFailure || !(error instanceof Error) || "syscall" in error) return error;
  // undici throws a TypeError, whose causes say it.
  const causes: Error[] = [];
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) causes.push(cause);
  const last = causes.at(-1);
  if (last === undefined) return error;
  const code = causes.map((cause) => ("code" in cause ? String(cause.code) : "")).find((text) => text !== "");
  const proxy = /Proxy response \((\d+)\)/.exec(last.message)?.[1];
  if (proxy !== undefined)
    return new TransferFailure("unreachable", `the proxy answers ${proxy}`, { cause: error });
  return new TransferFailure(BREAKS.has(code ?? "") ? "broken" : "unreachable", problemOf(code, last), {
    cause: error,
  });
}

/** What ends a transfer that had begun. */
const BREAKS: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ETIMEDOUT", "UND_ERR_SOCKET"]);

function problemOf(code: string | undefined, { message }: Error): string {
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `its name cannot be looked up (${code})`;
    case "ECONNREFUSED":
      return `the connection is refused (${code})`;
    default:
      return code === undefined || message.includes(code) ? message : `${message} (${code})`;
  }
}

function count(bytes: number): string {
  return bytes.toLocaleString("en-US");
}
