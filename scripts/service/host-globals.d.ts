/** What the hosts use of Bun and of Deno. */
declare const Bun: {
  file(path: string): { bytes(): Promise<Uint8Array<ArrayBuffer>> };
  serve(options: {
    hostname: string;
    port: number;
    idleTimeout: number;
    maxRequestBodySize: number;
    fetch(request: Request): Promise<Response>;
  }): { url: URL };
};

declare const Deno: {
  readonly args: readonly string[];
  readFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
  serve(
    options: { hostname: string; port: number; onListen(address: { port: number }): void },
    handler: (request: Request) => Promise<Response>,
  ): unknown;
};
