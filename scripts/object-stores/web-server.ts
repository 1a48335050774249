import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";

/** A web server on loopback. */
export interface WebServer {
  readonly url: string;
  /** The paths that were asked for, in their order. */
  readonly asked: readonly string[];
  close(): void;
}

/** Of a server, and its key: paths of PEM files. */
export interface Certificate {
  readonly file: string;
  readonly key: string;
}

/** So large a file is said to be at /huge/. */
export const HUGE_BYTES = 4e9;

/**
 * Serves a folder's files, also in parts. At /refused/ it answers 403, at /huge/ it says that there are huge files, and at /slow/ no byte
 * of a file comes.
 * @param certificate for https; plain http where it is absent
 */
export async function startWebServer(folder: string, certificate?: Certificate): Promise<WebServer> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const hear = (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    asked.push(pathname);
    answer(folder, decodeURIComponent(pathname), request, response);
  };
  const server =
    certificate === undefined
      ? createServer(hear)
      : createTlsServer({ key: readFileSync(certificate.key), cert: readFileSync(certificate.file) }, hear);
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `${certificate === undefined ? "http" : "https"}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function answer(folder: string, path: string, request: IncomingMessage, response: ServerResponse): void {
  const head = (status: number, headers: Readonly<Record<string, string | number>>): void => {
    response.writeHead(status, { "accept-ranges": "bytes", ...headers });
  };
  const isHead = request.method === "HEAD";
  if (path.startsWith("/refused/")) {
    head(403, { "content-length": 0 });
    response.end();
  } else if (path.startsWith("/huge/")) {
    head(200, { "content-length": HUGE_BYTES });
    if (isHead) response.end();
  } else if (path.startsWith("/slow/")) {
    head(isHead ? 200 : 206, isHead ? { "content-length": 100 } : { "content-range": "bytes 0-99/100" });
    if (isHead) response.end();
    else response.flushHeaders();
  } else {
    serveFile(join(folder, path), request, response, head);
  }
}

function serveFile(
  file: string,
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  head: (status: number, headers: Readonly<Record<string, string | number>>) => void,
): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile() !== true) {
    head(404, { "content-length": 0 });
    response.end();
    return;
  }
  const bytes = readFileSync(file);
  const [, first = "", last = ""] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
  const from = Number(first);
  const until = last === "" ? bytes.length : Math.min(bytes.length, Number(last) + 1);
  head(first === "" ? 200 : 206, {
    "content-length": until - from,
    "last-modified": found.mtime.toUTCString(),
    etag: `"${found.mtimeMs}-${found.size}"`,
    ...(first === "" ? {} : { "content-range": `bytes ${from}-${until - 1}/${bytes.length}` }),
  });
  response.end(method === "HEAD" ? undefined : bytes.subarray(from, until));
}
