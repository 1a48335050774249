import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createScoringService } from "@oddflow/edge-service";
import { createScorer } from "@oddflow/inference/node";
import { afterAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../src/command-list.ts";
import { programForms } from "../src/commands/completion.ts";
import { StreamMetrics } from "../src/stream/stream-metrics.ts";
import { MODEL, ROOT } from "./run-cli.ts";

const read = (path: string): string => readFileSync(join(ROOT, "examples/containers", path), "utf8");

const scorer = await createScorer(MODEL, { provider: "cpu", threads: 1 });
afterAll(() => scorer.close());

/** What a service and a stream say when all that they count has happened, in Prometheus' text format. */
async function exposed(): Promise<string> {
  const service = createScoringService(scorer, { modelVersion: "v", limits: { requests: 1 } });
  const ask = (path: string, body?: string): Promise<Response> =>
    service.fetch(
      new Request(`http://127.0.0.1${path}`, {
        ...(body === undefined
          ? {}
          : { method: "POST", body, headers: { "content-type": "application/x-ndjson" } }),
      }),
    );
  await (await ask("/score", '{"protocol":"no such"}\n{"protocol":[1]}\n')).text();
  await (await ask("/score?budget=2", "{}\n")).text();
  const stream = new StreamMetrics("flows");
  stream.addFlows({
    flows: 2,
    alerts: 1,
    suppressed: new Map([["nightly-backup", 1]]),
    missing: 0,
    unseen: new Map([["protocol", 1]]),
  });
  stream.addLeftOut("the event_type dns");
  stream.setLag(new Map([[0, 12]]));
  const counts = { evicted: 1, tooLate: 1, restarts: 0, unplaced: 1 };
  const said = stream.expose(counts, { labels: { version: "v", provider: "cpu" }, budget: 0.01 });
  return (await (await ask("/metrics")).text()) + said;
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

describe("the dashboard and the alerts of examples/containers", () => {
  const { panels }: { panels: Panel[] } = JSON.parse(read("grafana/dashboards/oddflow.json"));
  const targets = panels.flatMap((panel) => panel.targets ?? []);
  const rules = read("prometheus/oddflow.rules.yml");
  const expressions = [
    ...targets.map(({ expr }) => expr),
    ...[...rules.matchAll(/^ +expr: (.*)$/gm)].map(([, expr = ""]) => expr),
  ];

  test("name no metric and no label that is not at /metrics", async () => {
    const text = await exposed();
    const names = new Set(
      [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name, type]) =>
        type === "histogram" ? ["_bucket", "_sum", "_count"].map((end) => `${name}${end}`) : [`${name}`],
      ),
    );
    const named = new Set(expressions.flatMap((each) => each.match(/\boddflow_\w+/g) ?? []));
    expect(named.size).toBeGreaterThan(15);
    expect([...named].filter((name) => !names.has(name))).toEqual([]);
    // And nothing that is told is shown nowhere.
    const shown = [...named].join("\n");
    expect([...names].filter((name) => !/_(sum|count)$/.test(name) && !shown.includes(name))).toEqual([]);

    // Those that Prometheus adds, too.
    const labels = new Set(["job", "alertname", "severity", "alertstate"]);
    for (const [, all = ""] of text.matchAll(/^\w+\{(.*)\} /gm))
      for (const [, label = ""] of all.matchAll(/(\w+)="/g)) labels.add(label);
    const used = [
      ...expressions.flatMap((each) => [
        ...[...each.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/, */)),
        ...[...each.matchAll(/(\w+)=~?"/g)].map(([, label = ""]) => label),
      ]),
      ...targets.flatMap(({ legendFormat }) => legendFormat.match(/(?<=\{\{)\w+/g) ?? []),
      ...(rules.match(/(?<=\$labels\.)\w+/g) ?? []),
    ];
    expect([...new Set(used)].filter((label) => !labels.has(label))).toEqual([]);
  });

  test("use what the rules record, and nothing else", () => {
    const recorded = new Set([...rules.matchAll(/- record: (\S+)/g)].map(([, name]) => name));
    const used = new Set(expressions.flatMap((each) => each.match(/\boddflow:[\w:]+/g) ?? []));
    expect([...used].filter((name) => !recorded.has(name))).toEqual([]);
  });
});

test("compose.yaml gives the commands options that they have", async () => {
  const [oddflow] = await programForms(COMMANDS);
  const compose = read("compose.yaml");
  for (const name of ["serve", "stream"]) {
    const service = new RegExp(`^ {2}${name}:\\n(?: {4}.*\\n)+`, "m").exec(compose)?.[0] ?? "";
    const given = service.match(/--[a-z][a-z-]*/g) ?? [];
    expect(given).not.toEqual([]);
    const known = oddflow?.commands.find(({ words }) => words[1] === name)?.options ?? [];
    expect(given.filter((flag) => !known.some(({ flags }) => flags.includes(flag)))).toEqual([]);
  }
});
