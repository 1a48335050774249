import { STATUS_CODES } from "node:http";
import { Writable } from "node:stream";
import { OddflowError } from "@oddflow/preprocessing";
import { type Dispatcher, stream } from "undici";
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
 * @throws TransferFailure; OddflowError OUTPUT_UNWRITABLE; and the signal's reason
 */
export async function transfer(
  url: string,
  file: PublicFile,
  partial: PartialFile,
  options: TransferOptions,
): Promise<void> {
  const resume = partial.resumePoint(url);
  if (resume?.bytes === file.bytes) return;
  // Ranges and lengths are of the bytes that are sent: no coding must be between these and the file's.
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (resume !== undefined) {
    headers["range"] = `bytes=${resume.bytes}-`;
    headers["if-range"] = resume.validator;
  }
  const watch = new StallWatch(options);
  try {
    const request = { method: "GET", dispatcher: options.dispatcher, signal: watch.signal, headers } as const;
    await stream(url, request, (answer) => {
      const goesOn = checkAnswer(answer, file, resume);
      if (goesOn) partial.goOn();
      else partial.begin(url, validatorOf(answer));
      const onPiece = (length: number, bytes: number): void => {
        watch.count(length);
        options.onBytes(bytes);
      };
      return bodyWriter(partial, goesOn ? (resume?.bytes ?? 0) : 0, file, onPiece);
    });
  } catch (error) {
    options.signal.throwIfAborted();
    throw watch.stall ?? asFailure(error);
  } finally {
    watch.stop();
    partial.close();
  }
}

type Answer = Pick<Dispatcher.StreamFactoryData, "statusCode" | "headers">;

/** @returns whether the answer goes on where the partial file ends */
function checkAnswer(answer: Answer, file: PublicFile, resume: ResumePoint | undefined): boolean {
  const { statusCode: status } = answer;
  if (status === 416) throw new TransferFailure("mismatch", "it has fewer bytes than came before");
  if (status !== 200 && status !== 206) {
    const passes = status === 408 || status === 429 || status >= 500;
    const meaning = STATUS_CODES[status] ?? "";
    throw new TransferFailure(passes ? "broken" : "refused", `it answers ${status} ${meaning}`.trim());
  }
  if (/\bhtml\b/.test(header(answer, "content-type") ?? "")) throw isPage();
  if (status === 206) {
    const range = header(answer, "content-range") ?? "";
    const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(range) ?? [];
    if (resume === undefined || Number(first) !== resume.bytes) {
      throw new TransferFailure("refused", `it answers with a part that was not asked for, "${range}"`);
    }
    checkLength(Number(total), file);
    return true;
  }
  const length = header(answer, "content-length");
  if (length !== undefined) checkLength(Number(length), file);
  return false;
}

function header({ headers }: Answer, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function checkLength(bytes: number, file: PublicFile): void {
  if (bytes === file.bytes) return;
  throw new TransferFailure("mismatch", `it has ${count(bytes)} bytes, ${count(file.bytes)} were expected`);
}

/**
 * Writes at once what comes and never asks for a pause: undici 7 fails an assertion that nobody can catch when a server ends the
 * connection during one (nodejs/undici, issue 5360).
 */
function bodyWriter(
  partial: PartialFile,
  before: number,
  file: PublicFile,
  onPiece: (length: number, bytes: number) => void,
): Writable {
  let bytes = before;
  const write = (piece: Buffer): void => {
    if (bytes === 0 && isMarkup(piece)) throw isPage();
    if (bytes + piece.length > file.bytes) {
      const problem = `it has more than the ${count(file.bytes)} bytes that were expected`;
      throw new TransferFailure("mismatch", problem);
    }
    partial.write(piece);
    bytes += piece.length;
    onPiece(piece.length, bytes);
  };
  return new Writable({
    highWaterMark: Number.MAX_SAFE_INTEGER,
    write(piece: Buffer, _encoding, done) {
      done(caught(() => write(piece)));
    },
    final(done) {
      const problem = `it ended after ${count(bytes)} of ${count(file.bytes)} bytes`;
      done(bytes < file.bytes ? new TransferFailure("broken", problem) : null);
    },
  });
}

function caught(task: () => void): Error | null {
  try {
    task();
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** A strong ETag, or else a date: a weak one does not tell bytes apart (RFC 9110, 13.1.5). */
function validatorOf(answer: Answer): string | undefined {
  const tag = header(answer, "etag");
  return tag?.startsWith('"') === true ? tag : header(answer, "last-modified");
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

/** What the network said, as a failure; anything else is a refusal already, or a bug, and stays what it is. */
function asFailure(error: unknown): unknown {
  if (error instanceof TransferFailure || error instanceof OddflowError) return error;
  if (!(error instanceof Error && "code" in error && typeof error.code === "string")) return error;
  const proxy = /Proxy response \((\d+)\)/.exec(error.message)?.[1];
  if (proxy !== undefined)
    return new TransferFailure("unreachable", `the proxy answers ${proxy}`, { cause: error });
  const kind = BREAKS.has(error.code) ? "broken" : "unreachable";
  return new TransferFailure(kind, problemOf(error.code, error), { cause: error });
}

/** What ends a transfer that had begun. */
const BREAKS: ReadonlySet<string> = new Set([
  ...["ECONNRESET", "EPIPE", "ETIMEDOUT", "UND_ERR_SOCKET", "UND_ERR_RES_CONTENT_LENGTH_MISMATCH"],
]);

function problemOf(code: string, { message }: Error): string {
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `its name cannot be looked up (${code})`;
    case "ECONNREFUSED":
      return `the connection is refused (${code})`;
    default:
      return message.includes(code) ? message : `${message} (${code})`;
  }
}

function count(bytes: number): string {
  return bytes.toLocaleString("en-US");
}
