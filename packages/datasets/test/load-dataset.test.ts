import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDataset } from "@oddflow/datasets";
import { decideRoles, openTable } from "@oddflow/tables";
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
