import { expect, test, vi } from "vitest";
import { createMetricsService } from "../src/metrics-service.ts";

const ask = (path: string, method = "GET"): Request => new Request(`http://localhost${path}`, { method });

test("/metrics and /healthz say what is counted and how it fares, each time anew", async () => {
  let [count, status] = [0, "ok"];
  const answer = createMetricsService({
    expose: () => `flows_total ${count++}\n`,
    health: () => status,
    hosts: [],
  });
  for (const expected of ["flows_total 0\n", "flows_total 1\n"]) {
    const response = await answer(ask("/metrics"));
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect([response.status, await response.text()]).toEqual([200, expected]);
  }
  const well = await answer(ask("/healthz"));
  expect([well.status, await well.json()]).toEqual([200, { status: "ok" }]);
  status = "no broker answers";
  const unwell = await answer(ask("/healthz"));
  expect([unwell.status, await unwell.json()]).toEqual([503, { status }]);
  expect(unwell.headers.get("retry-after")).toBe("1");
});

test("HEAD is answered without a body, other methods and other paths are refused", async () => {
  const answer = createMetricsService({ expose: () => "flows_total 1\n", health: () => "ok", hosts: [] });
  for (const path of ["/metrics", "/healthz"]) {
    const head = await answer(ask(path, "HEAD"));
    expect([head.status, await head.text()]).toEqual([200, ""]);
    for (const method of ["POST", "PUT", "DELETE"]) {
      const refused = await answer(ask(path, method));
      expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    }
  }
  for (const path of ["/", "/score", "/metrics/", "/toString", "/__proto__"]) {
    const refused = await answer(ask(path));
    expect([refused.status, await refused.json()]).toMatchObject([
      404,
      { detail: "there are /metrics, /healthz" },
    ]);
  }
});

test("what goes wrong while it is counted is answered, too", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const answer = createMetricsService({
    expose: () => {
      throw new Error("counting");
    },
    health: () => "ok",
    hosts: [],
  });
  expect((await answer(ask("/metrics"))).status).toBe(500);
  expect(log).toHaveBeenCalledOnce();
  log.mockRestore();
});
