import { readFileSync } from "node:fs";
import { createScorer } from "@oddflow/inference/node";
import { expect, test } from "vitest";
import { readTable } from "../src/reading/index.ts";
import { ScoredTable } from "../src/scoring/scored-table.ts";
import { fixtureBytes, MODEL } from "./served-page.ts";

/** The length of the longest list, text or binary array in what a message would carry. */
function longestIn(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== "object" || value === null) return 0;
  const own = value instanceof Map ? [...value].flat() : Object.values(value);
  return own.reduce((most: number, one) => Math.max(most, longestIn(one)), own.length);
}

test("no answer to the page is as long as the table, whatever is asked of it", async () => {
  const scorer = await createScorer(readFileSync(MODEL), { provider: "cpu" });
  const table = await readTable(new Blob([fixtureBytes()]), "flows.parquet", () => undefined);
  const { flows, workplace } = await ScoredTable.score(table, scorer, "m.onnx", () => undefined);
  const whole = { filters: [], range: undefined, threshold: 0 };
  const some = { ...whole, filters: [{ column: "score", operator: "at-least", value: "0" }] } as const;
  const answers = [
    flows,
    workplace.choose(whole),
    workplace.choose(some),
    workplace.alarms(0),
    await workplace.flows({ first: 0, end: 20, reasons: 2 }),
    await workplace.details(1, 8),
    ...flows.columns.map(({ name }) => workplace.values(name)),
  ];
  await scorer.close();
  expect(workplace.alarms(0).rows).toBe(24_000);
  for (const answer of answers) expect(longestIn(answer)).toBeLessThan(2000);
});
