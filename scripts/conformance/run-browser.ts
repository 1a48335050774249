import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import type { Run } from "./run-process.ts";

const PAGE =
  '<!doctype html><meta charset="utf-8"><title>conformance</title><script type="module" src="page.js"></script>';
const TYPES: Record<string, string> = {
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".json": "application/json",
};
/** WebAssembly may be compiled, but no code may be made from text, and nothing comes from elsewhere. */
const CONTENT_POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const PATIENCE_MS = 90_000;

export interface Browser {
  readonly kind: "chromium" | "firefox";
  readonly program: string;
  /** Further parameters for it. */
  readonly flags: readonly string[];
}

/** What the page sends. */
type Sent =
  | { readonly error: string }
  | (Omit<Run, "coldStartMs"> & { beganAt: number; firstScoreAt: number });

/**
 * Opens the page of `folder` in a headless browser with a new profile and waits for what it sends. No driver: the page
 * does it all. It is cross-origin isolated. The cold start counts from the page's first moment, without the browser's.
 */
export async function runBrowser(
  browser: Browser,
  folder: string,
  files: Readonly<Record<string, string>>,
  threads: number,
): Promise<Run> {
  const profile = mkdtempSync(join(tmpdir(), "oddflow-browser-"));
  const { server, sent } = serve(folder, files);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/?threads=${threads}`;
  const child = spawn(browser.program, parameters(browser, profile, address), {
    stdio: "ignore",
    detached: true,
  });
  try {
    const measured = await Promise.race([sent, outOfPatience(), failureToStart(child)]);
    if ("error" in measured) throw new Error(measured.error);
    const { beganAt, firstScoreAt, ...rest } = measured;
    return { ...rest, coldStartMs: firstScoreAt - beganAt };
  } finally {
    // The browser's own processes are in its group.
    if (child.pid !== undefined && child.exitCode === null) {
      process.kill(-child.pid, "SIGKILL");
      await once(child, "exit");
    }
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function parameters({ kind, flags }: Browser, profile: string, address: string): string[] {
  if (kind === "firefox") return ["--headless", "--no-remote", "--profile", profile, address];
  // A sandbox is more than the root of a container has.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return ["--headless", ...sandbox, ...flags, "--no-first-run", `--user-data-dir=${profile}`, address];
}

function serve(
  folder: string,
  files: Readonly<Record<string, string>>,
): { readonly server: Server; readonly sent: Promise<Sent> } {
  let receive: (sent: Sent) => void;
  const sent = new Promise<Sent>((resolve) => {
    receive = resolve;
  });
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://page").pathname;
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    response.setHeader("Content-Security-Policy", CONTENT_POLICY);
    if (path === "/measured") {
      let body = "";
      for await (const chunk of request) body += chunk;
      response.end();
      receive(JSON.parse(body) as Sent);
      return;
    }
    response.setHeader(
      "Content-Type",
      path === "/" ? "text/html" : (TYPES[extname(path)] ?? "application/octet-stream"),
    );
    try {
      response.end(path === "/" ? PAGE : readFileSync(files[path.slice(1)] ?? join(folder, normalize(path))));
    } catch {
      response.writeHead(404).end();
    }
  });
  return { server, sent };
}

async function outOfPatience(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref());
  throw new Error(`the page sent nothing within ${PATIENCE_MS / 1000} s`);
}

async function failureToStart(child: ReturnType<typeof spawn>): Promise<never> {
  const [error] = await once(child, "error");
  throw error;
}
