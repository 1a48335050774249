import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDataset } from "@oddflow/datasets";
import type { ContextSpec } from "@oddflow/preprocessing";
import { decideContext, decideRoles, openTable } from "@oddflow/tables";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "oddflow-dataset-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["csv", "dur,flag,label\n1,T,True\n2,F,False\n3,T,\n4,F,True\n", ["F", "T"]],
  ["csv", "dur,flag,label\n1,T,yes\n2,F,no\n3,T,\n4,F,yes\n", ["F", "T"]],
  [
    "ndjson",
    '{"dur":1,"flag":true,"label":true}\n{"dur":2,"flag":false,"label":false}\n{"dur":3,"flag":true}\n{"dur":4,"flag":false,"label":true}\n',
    ["false", "true"],
  ],
] as const)("truths of %s are labels, and categories by their letters", async (format, text, words) => {
  const path = join(folder, `truths.${format}`);
  writeFileSync(path, text);
  const table = await openTable(path);
  const { decisions } = await decideRoles(table, "auto", new Map());
  expect(decisions.map(({ role }) => role)).toEqual(["number", "category", "label"]);
  const { columns, flows, labels } = await loadDataset(table, decisions);
  table.close();
  expect(columns.find(({ name }) => name === "flag")).toMatchObject({ vocabulary: words });
  expect([...flows]).toEqual([1, 1, 2, 0, 3, 1, 4, 0]);
  // A flow without a label counts as normal.
  expect([...(labels?.isAttack ?? [])]).toEqual([1, 0, 0, 1]);
});

test("a dataset says who talks to whom where columns are known to, with context and without", async () => {
  const path = join(folder, "hosts.csv");
  writeFileSync(
    path,
    [
      "ts,src_ip,dst_ip,dst_port,proto,site,bytes",
      "1700000000,10.0.0.1,10.0.0.9,80,tcp,a,1",
      "1700000001,10.0.0.2,10.0.0.9,80,udp,a,2",
      "1700000002,10.0.0.1,10.0.0.8,80,tcp,b,3",
      "1700000003,10.0.0.1,10.0.0.9,443,tcp,a,4",
      "",
    ].join("\n"),
  );
  const table = await openTable(path);
  const { decisions } = await decideRoles(table, "auto", new Map());
  const decision = await decideContext(table, { network: "site" });
  if (!("spec" in decision)) throw new Error(decision.none);
  const endpointsOf = async (context: ContextSpec | undefined): Promise<Record<string, number[]>> => {
    const { endpoints } = await loadDataset(table, decisions, { context });
    return Object.fromEntries(Object.entries(endpoints ?? {}).map(([end, codes]) => [end, [...codes]]));
  };
  const alone = await endpointsOf(undefined);
  expect(alone).toEqual({ source: [0, 1, 0, 0], destination: [0, 0, 1, 0], service: [0, 1, 0, 2] });
  expect(await endpointsOf(decision.spec)).toEqual({
    source: [0, 1, 2, 0],
    destination: [0, 0, 1, 0],
    service: [0, 1, 2, 3],
  });
  const { columns, flows, context } = await loadDataset(table, decisions, { context: decision.spec });
  expect(context).toEqual(decision.spec);
  const counted = columns.findIndex(({ name }) => name === "context.source.60s.flows");
  expect([0, 1, 2, 3].map((row) => flows[row * columns.length + counted])).toEqual([0, 0, 0, 1]);
  table.close();
});
