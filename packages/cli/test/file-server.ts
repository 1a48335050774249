import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterAll } from "vitest";

/** How a server of files answers one request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface FileServer {
  readonly url: string;
  /** The Range header of each request so far; undefined where there was none. */
  readonly ranges: readonly (string | undefined)[];
  /** What the requests to come are answered with, one each; the last one stays. */
  answerWith(...answers: readonly Answer[]): void;
}

/** A server on loopback that lasts as long as the test file. */
export async function startFileServer(): Promise<FileServer> {
  let answers: Answer[] = [];
  const ranges: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(request, response);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ranges,
    answerWith(...next) {
      answers = [...next];
      ranges.length = 0;
    },
  };
}

export interface WholeFile {
  readonly bytes: Buffer;
  /** Without it the server knows no ranges. */
  readonly etag?: string;
  /** The connection is cut behind so many bytes of the answer. */
  readonly cutAfter?: number;
}

/** Answers as a web server does that has the file: ranges are given where If-Range names its version. */
export function gives({ bytes, etag, cutAfter }: WholeFile): Answer {
  return (request, response) => {
    const first = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1]);
    const isPart = etag !== undefined && first > 0 && request.headers["if-range"] === etag;
    const part = bytes.subarray(isPart ? first : 0);
    response.writeHead(isPart ? 206 : 200, {
      "content-type": "application/octet-stream",
      "content-length": part.length,
      ...(etag === undefined ? {} : { etag, "accept-ranges": "bytes" }),
      ...(isPart ? { "content-range": `bytes ${first}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    if (cutAfter === undefined) response.end(part);
    else response.write(part.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 20));
  };
}
