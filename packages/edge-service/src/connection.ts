import type { BodyReader } from "./body-source.ts";

/** What the host knows of a request's connection, and the request itself does not say. */
export interface Connection {
  /**
   * The client's address, of which an IPv6 network is one client, or any other text that tells clients apart; without it no
   * client has a share of its own. Headers such as X-Forwarded-For are for the host to trust or not.
   */
  readonly client?: string | undefined;
  /** The address of this machine that the connection came in on. */
  readonly localAddress?: string | undefined;
  /** The request's body, where the host has a cheaper way to it than a stream. */
  readonly body?: RequestBody | undefined;
}

/** A request's bytes as the host reads them. */
export interface RequestBody {
  readonly reader: BodyReader;
  /** In bytes, where HTTP says it. */
  readonly length: number | undefined;
}
