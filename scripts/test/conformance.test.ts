import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { findLargestDifference, holdAgainst, TOLERANCE } from "../conformance/compare.ts";
import { drawTable, putTable } from "../conformance/conformance-table.ts";
import { readFlowSet } from "../conformance/flow-set.ts";
import type { Runtime } from "../conformance/runtimes.ts";

const fixture = fileURLToPath(new URL("../../fixtures/flows.parquet", import.meta.url));
const wanted = Float32Array.of(0.5, 200);

function runtimeGiving(scores: number[]): Runtime {
  return {
    name: "one",
    find: () => ({ program: "program", version: "1.2" }),
    run: async () => ({
      run: { scores, coldStartMs: 12.3, flowsPerSecond: 1234 },
      shipped: { raw: 14_300_000, gzip: 3_700_000 },
    }),
  };
}

describe("a runtime held against the scores wanted", () => {
  test("agrees within the tolerance of a large score and of 1 for a small one, and differs beyond", async () => {
    expect(await holdAgainst(wanted, runtimeGiving([0.500009, 200.0019]))).toMatchObject({
      status: "agrees",
    });
    expect(await holdAgainst(wanted, runtimeGiving([0.50002, 200]))).toMatchObject({ status: "differs" });
    expect(await holdAgainst(wanted, runtimeGiving([0.5, 200.003]))).toMatchObject({ status: "differs" });
  });

  test("differs where a score is missing or no number", () => {
    const number = findLargestDifference(wanted, [0.5, 200]);
    expect(number).toBeLessThan(TOLERANCE);
    for (const found of [[], [0.5], [0.5, 200, 1], [null, 200], [Number.NaN, 200], [0.5, null]]) {
      expect(findLargestDifference(wanted, found)).toBe(Number.POSITIVE_INFINITY);
    }
    expect(findLargestDifference(new Float32Array(), [])).toBe(Number.POSITIVE_INFINITY);
  });

  test("is skipped by name where it is not there, and failed where it throws", async () => {
    const runtime = runtimeGiving([]);
    expect(await holdAgainst(wanted, { ...runtime, find: () => ({ reason: "none here" }) })).toEqual({
      runtime: "one",
      status: "skipped",
      reason: "none here",
    });
    const thrown = { ...runtime, run: () => Promise.reject(new Error("it fell over")) };
    expect(await holdAgainst(wanted, thrown)).toMatchObject({ status: "failed", reason: "it fell over" });
  });
});

test("the table goes between the README's markers, again and again, and only there", async () => {
  const table = drawTable([
    await holdAgainst(wanted, runtimeGiving([0.5, 200])),
    { runtime: "two", status: "skipped", reason: "no | there" },
  ]);
  const lines = table.split("\n");
  expect(lines).toHaveLength(4);
  expect(lines[2]).toMatch(/^\| one +\| 1\.2 +\| 0 +\| 12 +\| 1,200 +\| 14\.3 +\| 3\.7 +\|$/);
  expect(lines[3]).toContain("skipped: no \\| there");
  const readme = "before\n\n<!-- conformance -->\nold\n<!-- /conformance -->\n\nafter\n";
  const once = putTable(readme, table);
  expect(once).toBe(`before\n\n<!-- conformance -->\n\n${table}\n\n<!-- /conformance -->\n\nafter\n`);
  expect(putTable(once, table)).toBe(once);
  expect(putTable(readme.replace("old\n", ""), table)).toBe(once);
  expect(() => putTable("no markers", table)).toThrow("<!-- conformance -->");
});

test("the flows survive JSON and have every kind of oddity among them", async () => {
  const flows = await readFlowSet(fixture);
  expect(flows.length).toBeGreaterThan(300);
  expect(JSON.parse(JSON.stringify(flows))).toEqual(flows);
  const text = JSON.stringify(flows);
  for (const oddity of ['"dur":null', "never-seen", '"inf"', '"-Infinity"', "1e+39", '"nan"'])
    expect(text).toContain(oddity);
});
