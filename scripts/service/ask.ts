import { spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";

const NDJSON = "application/x-ndjson";

/** An answer as it came. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Posts a file with curl, or a text as it is where this machine has no curl. */
export async function curl(url: string, path: string, text: string): Promise<Answer> {
  const child = spawn("curl", [
    ...["--silent", "--show-error", "--max-time", "60", "--write-out", "\n%{http_code}"],
    ...["--header", `content-type: ${NDJSON}`, "--data-binary", `@${path}`, `${url}/score`],
  ]);
  const pieces: Buffer[] = [];
  child.stdout.on("data", (piece) => pieces.push(piece));
  try {
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`curl ended with ${code}`);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return post(url, text);
    throw error;
  }
  const out = Buffer.concat(pieces).toString("utf8");
  const end = out.lastIndexOf("\n");
  return { status: Number(out.slice(end + 1)), text: out.slice(0, end) };
}

export async function post(url: string, body: RequestInit["body"], type: string = NDJSON): Promise<Answer> {
  const init = { method: "POST", headers: { "content-type": type }, body, duplex: "half" };
  const response = await fetch(`${url}/score`, init as RequestInit);
  return { status: response.status, text: await response.text() };
}

/** The answers of an answer, a line or an element each. */
export function answersIn({ text }: Answer): Record<string, unknown>[] {
  if (text.startsWith("[")) return JSON.parse(text);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** A request that is written by hand. */
export class RawRequest {
  readonly #socket: Socket;
  #received = "";
  #wasReset = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("utf8").on("data", (text: string) => {
      this.#received += text;
    });
    // The service may end the connection; what it said before is looked at.
    socket.on("error", ({ code }: NodeJS.ErrnoException) => {
      this.#wasReset ||= code === "ECONNRESET" || code === "EPIPE";
    });
  }

  /** @param host what the Host header names in place of the URL's */
  static async open(
    url: string,
    framing: string = "Transfer-Encoding: chunked",
    host?: string,
  ): Promise<RawRequest> {
    const { hostname, port } = new URL(url);
    const socket = createConnection(Number(port), hostname);
    const request = new RawRequest(socket);
    await once(socket, "connect");
    const head = ["POST /score HTTP/1.1", `Host: ${host ?? hostname}`, `Content-Type: ${NDJSON}`, framing];
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    return request;
  }

  /** Whether the service ended the connection while this side still sent. */
  get wasReset(): boolean {
    return this.#wasReset;
  }

  /** Sends a chunk of the body. */
  send(text: string): void {
    this.#socket.write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
  }

  /** Takes nothing more of the answer. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Waits for something in the answer; what there is then, or after `seconds`. */
  async received(pattern: RegExp, seconds: number): Promise<string> {
    const latest = Date.now() + seconds * 1000;
    while (!pattern.test(this.#received) && Date.now() < latest && !this.#socket.closed) await pause(20);
    return this.#received;
  }

  /** Takes what is left of the answer, until the service ends the connection or `seconds` have gone. */
  async rest(seconds: number): Promise<string> {
    this.#socket.resume();
    const latest = Date.now() + seconds * 1000;
    while (!this.#socket.closed && !this.#received.endsWith("0\r\n\r\n") && Date.now() < latest)
      await pause(20);
    this.cut();
    return this.#received;
  }

  /** Ends the connection in the middle. */
  cut(): void {
    this.#socket.destroy();
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
