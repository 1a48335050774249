import type { IncomingMessage } from "node:http";
import type { RequestBody } from "@oddflow/edge-service";

/**
 * A request's body as Node's http gives it, read a piece at a time. Making a web stream of it takes longer than scoring a flow.
 */
export function incomingBody(incoming: IncomingMessage): RequestBody {
  const length = Number(incoming.headers["content-length"] ?? Number.NaN);
  let reader: IncomingReader | undefined;
  return {
    length: Number.isNaN(length) ? undefined : length,
    reader: {
      read() {
        // Not before: a body that somebody listens to is not read to its end by others.
        reader ??= new IncomingReader(incoming);
        return reader.read();
      },
      cancel: async () => reader?.stop(),
    },
  };
}

class IncomingReader {
  readonly #incoming: IncomingMessage;
  #problem: Error | undefined;
  #wake = (): void => {};

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
    incoming.on("error", (error) => {
      this.#problem = error;
      this.#wake();
    });
    for (const event of ["readable", "end", "close"]) incoming.on(event, this.#onEvent);
  }

  async read(): ReturnType<RequestBody["reader"]["read"]> {
    const incoming = this.#incoming;
    for (;;) {
      const value: Uint8Array | null = incoming.read();
      if (value !== null) return { done: false, value };
      if (incoming.readableEnded) return { done: true, value: undefined };
      if (this.#problem !== undefined) throw this.#problem;
      if (incoming.destroyed) throw new Error("the client has gone");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Leaves the rest to whoever owns the connection. */
  stop(): void {
    this.#incoming.off("readable", this.#onEvent);
  }

  readonly #onEvent = (): void => this.#wake();
}
