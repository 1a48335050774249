import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHostCheck } from "../src/host-check.ts";
import { createMetricsService } from "../src/metrics-service.ts";
import { answersOf, FLOWS, openShippedModel, scoreRequest, serviceOf, toLines } from "./post-flows.ts";

const scorer = await openShippedModel();
const lines = toLines(FLOWS);
const PATHS = ["/model", "/metrics", "/healthz", "/openapi.json", "/nowhere"];

/** A request as a server hands it on: the URL and the header name the host. */
function get(path: string, host: string, header = host): Request {
  return new Request(`http://${host}${path}`, { headers: { host: header } });
}

describe("a service that is told its hosts answers to these alone, whatever is asked", () => {
  const hosts = ["flows.example", "192.0.2.9"];
  const service = serviceOf(scorer, { hosts });
  const metricsService = createMetricsService({ expose: () => "", health: () => "ok", hosts });
  const localAddress = "192.0.2.1";

  test.each([
    "localhost",
    "LOCALHOST:8080",
    "localhost.",
    "oddflow.localhost:8080",
    "127.0.0.1:8080",
    "127.9.8.7",
    "[::1]:8080",
    "[::ffff:127.0.0.1]",
    "192.0.2.1:8080",
    "[::ffff:192.0.2.1]:8080",
    "flows.example",
    "Flows.Example.:8080",
    "192.0.2.9",
  ])("%s", async (host) => {
    for (const path of PATHS) {
      const { status } = await service.fetch(get(path, host), { localAddress });
      expect([path, status]).toEqual([path, path === "/nowhere" ? 404 : 200]);
    }
    for (const [path, expected] of [
      ["/metrics", 200],
      ["/healthz", 200],
      ["/model", 404],
    ] as const) {
      const { status } = await metricsService(get(path, host), { localAddress });
      expect([path, status]).toEqual([path, expected]);
    }
  });

  test.each<[string, string?]>([
    ["evil.example"],
    ["evil.example:8080"],
    ["flows.example.evil.example"],
    ["evil-flows.example"],
    ["127.0.0.1.evil.example"],
    ["127.evil.example"],
    ["localhost.evil.example"],
    ["notlocalhost"],
    ["192.0.2.2"],
    ["[2001:db8::1]"],
    // The URL and the header say two things; one of them is not the service's.
    ["evil.example", "localhost"],
    ["localhost", "evil.example"],
    ["localhost", "localhost@evil.example"],
    ["localhost", "localhost/evil.example"],
    ["localhost", "evil.example#localhost"],
    ["localhost", "evil.example:80:localhost"],
    ["localhost", ""],
  ])("not %s, with the header %s", async (host, header) => {
    for (const answer of [service.fetch, metricsService]) {
      for (const path of PATHS) {
        const refused = await answer(get(path, host, header), { localAddress });
        expect([path, refused.status]).toEqual([path, 421]);
        expect(await refused.json()).toMatchObject({
          type: "urn:oddflow:problem:wrong-host",
          detail: expect.stringContaining("--allow-host"),
        });
      }
    }
  });

  test("the flows of a stranger's page are not scored, and it is counted", async () => {
    const counting = serviceOf(scorer, { hosts: [] });
    const request = scoreRequest(lines, { headers: { host: "evil.example" } });
    expect((await counting.fetch(request, { localAddress })).status).toBe(421);
    const metrics = await (await counting.fetch(get("/metrics", "localhost"))).text();
    expect(metrics).toContain('oddflow_http_requests_refused_total{problem="wrong-host"} 1\n');
    expect(metrics).toContain("oddflow_flows_total 0\n");
  });

  test("what is no host's name is refused when the service is made", () => {
    for (const wrong of [
      "http://flows.example",
      "flows.example:8080",
      "*",
      "*.example",
      "a b",
      "",
      "a/b",
      "[::1",
      "a@b",
    ]) {
      expect(() => serviceOf(scorer, { hosts: [wrong] }), wrong).toThrow(RangeError);
    }
  });
});

test("a service that is not told its hosts answers to any, and so does one with a token to who has it", async () => {
  const post = (options: object, headers = {}) =>
    serviceOf(scorer, options).fetch(scoreRequest(lines, { headers: { host: "any.example", ...headers } }));
  expect(await answersOf(await post({}))).toHaveLength(FLOWS.length);
  const token = { authorization: "Bearer t" };
  expect(await answersOf(await post({ token: "t" }, token))).toHaveLength(FLOWS.length);
  expect((await post({ token: "t" })).status).toBe(401);
  expect((await post({ token: "t", hosts: [] }, token)).status).toBe(421);
});

test("no page of another origin is let in: no simple type is read, no CORS header is sent", async () => {
  const service = serviceOf(scorer, { hosts: [] });
  const headers = { host: "localhost", origin: "http://evil.example" };
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
    const simple = new Request("http://localhost/score", {
      method: "POST",
      headers: { ...headers, "content-type": type },
      body: lines,
    });
    expect((await service.fetch(simple)).status).toBe(415);
  }
  const preflight = new Request("http://localhost/score", {
    method: "OPTIONS",
    headers: { ...headers, "access-control-request-method": "POST" },
  });
  for (const request of [preflight, get("/model", "localhost")]) {
    const response = await service.fetch(request);
    const cors = [...response.headers.keys()].filter((name) => name.startsWith("access-control-"));
    expect(cors).toEqual([]);
  }
});

test("an address is its host in every way of writing it, and no other address is", () => {
  const answersTo = createHostCheck([]);
  const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
  const ipv6 = fc
    .tuple(fc.array(group, { minLength: 8, maxLength: 8 }), fc.boolean())
    .map(([groups, upper]) => (upper ? groups.join(":").toUpperCase() : groups.join(":")));
  const address = fc.oneof(fc.ipV4(), ipv6, fc.ipV6());
  const port = fc.constantFrom("", ":1", ":8080", ":65535");
  const inUrl = (text: string): string =>
    new URL(`http://${text.includes(":") ? `[${text}]` : text}`).hostname;
  fc.assert(
    fc.property(address, address, port, (local, other, at) => {
      expect(answersTo(inUrl(local) + at, local)).toBe(true);
      const isLoopback = /^(127\.|\[::1\]|\[::ffff:7f)/.test(inUrl(other));
      if (!isLoopback && inUrl(other) !== inUrl(local)) {
        const mapped = /^\[::ffff:/;
        if (mapped.test(inUrl(other)) || mapped.test(inUrl(local))) return;
        expect(answersTo(inUrl(other) + at, local)).toBe(false);
      }
    }),
  );
});
