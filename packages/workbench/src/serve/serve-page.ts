import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";
import { createHostCheck } from "@oddflow/edge-service/host-check";
import { OddflowError } from "@oddflow/preprocessing";
import sirv from "sirv";
import { PAGE_HEADERS } from "./page-policy.ts";

/** Where the build puts the page. The package is asked for by name, since the commands have this file in a bundle of their own. */
const BUILT_PAGE = join(
  dirname(createRequire(import.meta.url).resolve("@oddflow/workbench/package.json")),
  "dist/page",
);

/** Where the page is served, to whom, and with which model. */
export interface ServeOptions {
  /** 0 for any that is free. */
  readonly port: number;
  readonly host: string;
  /** Names and addresses that it answers to beside `host`, loopback's and the one that a connection came in on. */
  readonly hosts?: readonly string[];
  /** The bytes and the name of a model that scores in place of the one that was built into the page. */
  readonly model?: { readonly path: string; readonly bytes: Uint8Array };
  /** The folder of the built page; where the build puts it, unless given. */
  readonly page?: string;
}

/** A page that is being served. */
export interface PageServer {
  /** Where the page is. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the built page. It takes no uploads: anything but GET and HEAD is refused, and so are requests for another host.
 * @throws OddflowError USAGE where the page has not been built, or the port cannot be had
 */
export async function servePage(options: ServeOptions): Promise<PageServer> {
  const { port, host, hosts = [], model, page = BUILT_PAGE } = options;
  if (!existsSync(join(page, "index.html"))) {
    throw new OddflowError(
      "USAGE",
      "workbench: the page is not built yet; build it with `npx pnpm@10 build`",
    );
  }
  const isOwnHost = createHostCheck([host, ...hosts]);
  const files = sirv(page, { etag: true });
  const settings = model && JSON.stringify({ model: { name: basename(model.path), isShipped: false } });
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
    const { host: asked = "" } = request.headers;
    if (!isOwnHost(asked, request.socket.localAddress)) {
      response.writeHead(421, { "Content-Type": "text/plain; charset=utf-8" });
      response.end(`"${asked}" is no name or address of this server; --allow-host adds one\n`);
      return;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { Allow: "GET, HEAD" }).end();
      return;
    }
    const path = request.url?.split("?", 1)[0];
    if (model && path === "/model.onnx") send(request, response, "application/octet-stream", model.bytes);
    else if (settings && path === "/workbench.json") send(request, response, "application/json", settings);
    else {
      files(request, response, () => {
        response.writeHead(404).end();
      });
    }
  });
  await listen(server, port, host);
  const address = server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}/`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  type: string,
  body: string | Uint8Array,
): void {
  response.writeHead(200, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
  response.end(method === "HEAD" ? undefined : body);
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason =
      code === "EADDRINUSE" ? "it is taken" : code === "EACCES" ? "this user may not have it" : message;
    throw new OddflowError(
      "USAGE",
      `workbench: port ${port} of ${host} cannot be had: ${reason}; name another one with --port`,
      { cause },
    );
  }
}
