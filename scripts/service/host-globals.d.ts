/** What the hosts use of Bun and of Deno. */
declare const Bun: {
  file(path: string): { bytes(): Promise<Uint8Array<ArrayBuffer>> };
  serve(options: {
    hostname: string;
    port: number;
    idleTimeout: number;
    maxRequestBodySize: number;
    fetch(request: Request, server: BunServer): Promise<Response>;
  }): { url: URL };
};

interface BunServer {
  requestIP(request: Request): { address: string } | null;
}

declare const Deno: {
  readonly args: readonly string[];
  readFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
  serve(
    options: { hostname: string; port: number; onListen(address: { port: number }): void },
    handler: (request: Request, info: { remoteAddr: { hostname: string } }) => Promise<Response>,
  ): unknown;
};
