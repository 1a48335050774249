import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { servePage } from "@oddflow/workbench";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

const HOST = "127.0.0.1";
let page: string;
beforeAll(() => {
  page = mkdtempSync(join(tmpdir(), "oddflow-served-"));
  writeFileSync(join(page, "index.html"), "<title>page</title>");
  writeFileSync(join(page, "model.onnx"), "shipped");
  writeFileSync(join(page, "workbench.json"), '{"model":{"name":"unsw-nb15.onnx","isShipped":true}}');
});
afterAll(() => rmSync(page, { recursive: true }));

const serve = async (options: Partial<Parameters<typeof servePage>[0]> = {}): Promise<string> => {
  const server = await servePage({ port: 0, host: HOST, page, ...options });
  onTestFinished(() => server.close());
  return server.url;
};

test("the browser is told to let the page talk to nobody else, and to run no code made from text", async () => {
  const url = await serve();
  for (const path of ["", "model.onnx", "nothing-there"]) {
    const { headers } = await fetch(url + path);
    const rules = new Map(
      (headers.get("content-security-policy") ?? "").split("; ").map((rule) => {
        const [name = "", ...sources] = rule.split(" ");
        return [name, sources.join(" ")];
      }),
    );
    expect(rules.get("default-src")).toBe("'none'");
    expect(rules.get("script-src")).toBe("'self' 'wasm-unsafe-eval'");
    for (const name of ["connect-src", "style-src", "img-src", "worker-src"])
      expect(rules.get(name)).toBe("'self'");
    for (const name of ["form-action", "base-uri", "frame-ancestors"]) expect(rules.get(name)).toBe("'none'");
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("cross-origin-embedder-policy")).toBe("require-corp");
  }
});

test("files and nothing else: no uploads, no way out of the folder", async () => {
  const url = await serve();
  expect(await (await fetch(url)).text()).toBe("<title>page</title>");
  const refused = await fetch(url, { method: "POST", body: "flows" });
  expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  for (const path of ["../package.json", "%2e%2e/package.json", "nothing-there"]) {
    expect((await fetch(url + path)).status).toBe(404);
  }
});

test("a page of a stranger's that has come to stand for this machine's address gets nothing", async () => {
  const model = { path: "own.onnx", bytes: new TextEncoder().encode("own") };
  const url = await serve({ hosts: ["flows.example"], model });
  const { port } = new URL(url);
  const ask = async (path: string, host: string): Promise<number | undefined> => {
    const asked = request({ port, host: HOST, path, headers: { host } }).end();
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    answer.resume();
    return answer.statusCode;
  };
  for (const path of ["/", "/model.onnx", "/workbench.json"]) {
    for (const host of ["localhost", `127.0.0.1:${port}`, "[::1]", "flows.example:80"]) {
      expect([path, host, await ask(path, host)]).toEqual([path, host, 200]);
    }
    for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example", "192.0.2.7"]) {
      expect([path, host, await ask(path, host)]).toEqual([path, host, 421]);
    }
  }
});

test("a model of one's own takes the place of the shipped one", async () => {
  const bytes = new TextEncoder().encode("own");
  const url = await serve({ model: { path: "/models/own.onnx", bytes } });
  expect(await (await fetch(`${url}model.onnx`)).text()).toBe("own");
  expect(await (await fetch(`${url}workbench.json`)).json()).toEqual({
    model: { name: "own.onnx", isShipped: false },
  });
  const head = await fetch(`${url}model.onnx`, { method: "HEAD" });
  expect([head.headers.get("content-length"), await head.text()]).toEqual(["3", ""]);
  expect(await (await fetch(`${await serve()}model.onnx`)).text()).toBe("shipped");
});

test("a page that is not built, and a port that is taken, are told in one line", async () => {
  await expect(serve({ page: join(page, "nowhere") })).rejects.toThrow(
    "workbench: the page is not built yet; build it with `npx pnpm@10 build`",
  );
  const other = createServer().listen(0, HOST);
  onTestFinished(() => void other.close());
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  await expect(serve({ port })).rejects.toThrow(
    `workbench: port ${port} of 127.0.0.1 cannot be had: it is taken; name another one with --port`,
  );
});
