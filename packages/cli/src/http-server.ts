import { once } from "node:events";
import { IncomingMessage, type Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import type { ScoringService } from "@oddflow/edge-service";
import { OddflowError } from "@oddflow/preprocessing";
import { incomingBody } from "./serve/incoming-body.ts";

export interface ListenOptions {
  readonly address: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/** What messages call who listens, and the options that say where. */
export interface ListenerNames {
  readonly command: string;
  readonly host: string;
  readonly port: string;
}

/** A server that takes requests. */
export interface HttpServer {
  readonly url: string;
  /** Takes no more connections, and ends when those that are open have had their answers. */
  close(): Promise<void>;
}

/** A client must have sent its headers by then, in milliseconds; how long its body may take is for the service to say. */
const HEADERS_TIMEOUT = 10_000;
const CHECKING_INTERVAL = 2000;

/**
 * Serves a function from Request to Response on Node.
 * @throws OddflowError USAGE when the place cannot be listened at
 */
export async function listen(
  fetch: ScoringService["fetch"],
  { address, port }: ListenOptions,
  names: ListenerNames,
): Promise<HttpServer> {
  const server = createAdaptorServer({
    fetch: (request, { incoming }) => {
      const { socket } = incoming;
      const body = incoming instanceof IncomingMessage ? incomingBody(incoming) : undefined;
      return fetch(request, { client: socket.remoteAddress, localAddress: socket.localAddress, body });
    },
    hostname: address,
    // Answers that are there whole are written without a stream of them.
    overrideGlobalObjects: true,
    serverOptions: {
      headersTimeout: HEADERS_TIMEOUT,
      requestTimeout: 0,
      connectionsCheckingInterval: CHECKING_INTERVAL,
    },
  }) as Server;
  server.listen(port, address);
  try {
    await once(server, "listening");
  } catch (cause) {
    const { command } = names;
    throw new OddflowError(
      "USAGE",
      `${command}: cannot listen at ${address}, port ${port}: ${reasonOf(cause, names)}`,
      { cause },
    );
  }
  const bound = server.address();
  const boundPort = typeof bound === "object" && bound !== null ? bound.port : port;
  return {
    url: `http://${address.includes(":") ? `[${address}]` : address}:${boundPort}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}

function reasonOf(cause: unknown, { host, port }: ListenerNames): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  const reasons: Record<string, string> = {
    EADDRINUSE: `the port is in use; name another with ${port}`,
    EACCES: `not allowed; name a port above 1023 with ${port}`,
    EADDRNOTAVAIL: `this machine has no such address; name another with ${host}`,
  };
  return reasons[code] ?? code;
}
