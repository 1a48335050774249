import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openMetrics, parseMetricsPlace } from "../src/metrics-option.ts";
import { StreamMetrics } from "../src/stream/stream-metrics.ts";

test.each([
  ["9400", "127.0.0.1", 9400],
  ["0", "127.0.0.1", 0],
  ["localhost:9400", "localhost", 9400],
  ["[::1]:9400", "::1", 9400],
])("--metrics %s", (text, host, port) => {
  expect(parseMetricsPlace(text)).toEqual({ host, port });
});

test.each([
  "",
  "65536",
  "-1",
  "1.5",
  "localhost",
  "localhost:",
  "::1:9400",
  "http://localhost:9400",
  "a:9400/x",
])("--metrics '%s' is refused", (text) => {
  expect(() => parseMetricsPlace(text)).toThrow(
    `--metrics ${text}: expected PORT or HOST:PORT, such as 9400`,
  );
});

/** What is answered to who asks for a host. */
function ask(
  url: string,
  path: string,
  host: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    request(new URL(path, url), { headers: { host } }, (response) => {
      let text = "";
      response
        .on("data", (part) => (text += String(part)))
        .on("end", () => {
          resolve({ status: response.statusCode ?? 0, text });
        });
    })
      .on("error", reject)
      .end();
  });
}

const asked = { allowHost: undefined, allowAnonymous: false };

test("what a stream counts is answered at loopback, and to names of its own alone", async () => {
  const metrics = new StreamMetrics("flows");
  const place = { ...asked, metrics: { host: "127.0.0.1", port: 0 } };
  const server = await openMetrics(place, "stream", {
    expose: () => metrics.expose(undefined, { labels: { version: "7" }, budget: 0.02 }),
    health: () => metrics.health,
  });
  const url = server?.url ?? "";
  expect(await ask(url, "/healthz", "localhost")).toMatchObject({ status: 503 });
  metrics.addFlows({
    flows: 5,
    alerts: 2,
    suppressed: new Map([["nas", 4]]),
    missing: 1,
    unseen: new Map([["proto", 3]]),
  });
  metrics.addWritten({ scored: 4, putAside: 1 });
  metrics.setLag(
    new Map([
      [0, 7],
      [3, 0],
    ]),
  );
  metrics.addRestart();
  metrics.addLeftOut("dns events");
  const { status, text } = await ask(url, "/metrics", "localhost:9400");
  expect(status).toBe(200);
  for (const line of [
    "oddflow_flows_total 5",
    "oddflow_alerts_total 2",
    'oddflow_suppressed_alarms_total{rule="nas"} 4',
    'oddflow_unseen_categories_total{column="proto"} 3',
    "oddflow_records_written_total 4",
    "oddflow_dead_letters_total 1",
    'oddflow_left_out_records_total{what="dns events"} 1',
    "oddflow_stream_restarts_total 1",
    'oddflow_consumer_lag_records{topic="flows",partition="0"} 7',
    'oddflow_consumer_lag_records{topic="flows",partition="3"} 0',
    'oddflow_model_info{version="7"} 1',
    "oddflow_alert_budget_ratio 0.02",
  ]) {
    expect(text.split("\n")).toContain(line);
  }
  expect(await ask(url, "/healthz", "localhost")).toEqual({ status: 200, text: '{"status":"ok"}' });
  // A partition that another has now.
  metrics.setLag(new Map([[3, 1]]));
  const later = (await ask(url, "/metrics", "localhost")).text;
  expect(later).not.toContain('partition="0"');
  expect(await ask(url, "/metrics", "evil.example")).toMatchObject({ status: 421 });
  await server?.close();
});

test("other machines are let in where somebody says so; a place that is taken is said in one line", async () => {
  const counted = { expose: () => "", health: () => "ok" };
  expect(await openMetrics({ ...asked, metrics: undefined }, "stream", counted)).toBeUndefined();
  const everywhere = { host: "0.0.0.0", port: 0 };
  await expect(openMetrics({ ...asked, metrics: everywhere }, "stream", counted)).rejects.toThrow(
    "--metrics 0.0.0.0 lets other machines in without a token; name 127.0.0.1, or say --allow-anonymous",
  );
  const open = { allowHost: ["flows.example"], allowAnonymous: true, metrics: everywhere };
  const server = await openMetrics(open, "stream", counted);
  const local = (server?.url ?? "").replace("0.0.0.0", "127.0.0.1");
  expect(await ask(local, "/metrics", "flows.example")).toMatchObject({ status: 200 });
  expect(await ask(local, "/metrics", "evil.example")).toMatchObject({ status: 421 });
  await server?.close();
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo;
  await expect(
    openMetrics({ ...asked, metrics: { host: "127.0.0.1", port } }, "stream", counted),
  ).rejects.toThrow(
    `stream: cannot listen at 127.0.0.1, port ${port}: the port is in use; name another with --metrics`,
  );
  taken.close();
});

test("whatever is given as a place is one, or refused", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        expect(parseMetricsPlace(text).port).toBeLessThanOrEqual(65_535);
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: "USAGE" });
      }
    }),
  );
});
