import { readFileSync } from "node:fs";
import type { Scorer } from "@oddflow/inference";
import { createScorer } from "@oddflow/inference/node";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { compareAtBudget } from "../src/comparison/compared-budget.ts";
import { compareModels, type ModelComparison } from "../src/comparison/second-model.ts";
import { readTable } from "../src/reading/index.ts";
import { ScoredTable } from "../src/scoring/scored-table.ts";
import { TableViews } from "../src/scoring/table-views.ts";
import { fixtureBytes, MODEL } from "./served-page.ts";

/** The length of the longest list, text or binary array in what a message would carry. */
function longestIn(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== "object" || value === null) return 0;
  const own = value instanceof Map ? [...value].flat() : Object.values(value);
  return own.reduce((most: number, one) => Math.max(most, longestIn(one)), own.length);
}

let scorer: Scorer;
let scored: ScoredTable;
let flows: Awaited<ReturnType<typeof ScoredTable.score>>["flows"];
let views: TableViews;
beforeAll(async () => {
  scorer = await createScorer(readFileSync(MODEL), { provider: "cpu" });
  const table = await readTable(new Blob([fixtureBytes()]), "flows.parquet", () => undefined);
  ({ flows, workplace: scored } = await ScoredTable.score(table, scorer, "m.onnx", () => undefined));
  views = new TableViews(scored);
});
afterAll(() => scorer.close());
afterEach(() => views.changeRules(null));

const whole = { filters: [], range: undefined, threshold: 0 };
const hosts = { entity: "pair", seconds: 3600, alarmsADay: 5 };

/** A rule for every flow. */
const ALL = 'rules: [{ id: all, verdict: wrong, match: { source_ip: { pattern: "*" } } }]';

test("no answer to the page is as long as the table, whatever is asked of it", async () => {
  await views.changeRules({
    name: "rules.yaml",
    text: "rules: [{ id: a, verdict: wrong, match: { protocol: udp } }]",
  });
  const some = { ...whole, filters: [{ column: "score", operator: "at-least", value: "0" }] } as const;
  const answers = [
    flows,
    scored.choose(whole),
    scored.choose(some),
    scored.alarms(0),
    await scored.flows({ first: 0, end: 20, reasons: 2, threshold: undefined }),
    await scored.details(1, 8),
    ...flows.columns.map(({ name }) => scored.values(name)),
    views.ruleCounts({ threshold: 0 }),
    await views.ruleDraft(1),
    views.hosts({ ...hosts, threshold: 0 }),
    views.incidents({ entity: "source", threshold: 7 }),
  ];
  expect(scored.alarms(0).odd).toBe(24_000);
  for (const answer of answers) expect(longestIn(answer)).toBeLessThan(2000);
});

test("what rules take away is no alarm in any answer, and comes back without them", async () => {
  const threshold = 5;
  const before = scored.choose({ ...whole, threshold }).alarms;
  expect(before.rows).toBeGreaterThan(1000);
  await views.changeRules({ name: "rules.yaml", text: ALL });
  const { alarms } = scored.choose({ ...whole, threshold });
  const total = (some: Uint32Array): number => some.reduce((sum, count) => sum + count, 0);
  expect(alarms).toMatchObject({ rows: 0, odd: before.rows, filtered: 0 });
  expect([total(alarms.labels), total(alarms.overTime)]).toEqual([0, 0]);
  expect(await scored.flows({ first: 0, end: 20, reasons: 1, threshold })).toEqual([]);
  const [oddest] = await scored.flows({ first: 0, end: 1, reasons: 1, threshold: undefined });
  expect(oddest?.ruling).toEqual({ rule: "all", verdict: "wrong" });
  expect(views.incidents({ entity: "source", threshold })).toMatchObject({ incidents: 0, alarms: 0 });
  const shown = views.hosts({ ...hosts, threshold });
  if (typeof shown === "string") throw new Error(shown);
  expect(shown.oddest.every((host) => host.alarms === 0)).toBe(true);
  expect(views.ruleCounts({ threshold })).toMatchObject({ alarms: before.rows, left: 0 });
  const some = {
    ...whole,
    filters: [{ column: "attack_label", operator: "is", value: "dos" }],
    threshold,
  } as const;
  const { odd } = scored.choose(some).alarms;
  const blob = await scored.save({ format: "ndjson", threshold, rows: "chosen" });
  const lines = (await blob.text()).trim().split("\n");
  const saved = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(saved.some((record) => record["is_anomaly"])).toBe(false);
  expect(saved.filter((record) => record["alarm_rule"] === "all")).toHaveLength(odd);

  await views.changeRules(null);
  expect(scored.choose({ ...whole, threshold }).alarms).toEqual(before);
  scored.choose(some);
  const plain = await scored.save({ format: "csv", threshold, rows: "alarms" });
  expect(await plain.text()).not.toContain("alarm_rule");
});

test("two models are held beside each other at one budget, without the alarms that rules take away", async () => {
  const { table, uses } = scored;
  const { scores } = scored.judged(5);
  // Half as odd, and of every hundredth flow it thinks otherwise.
  const others = scores.map((score, row) => (row % 100 === 0 ? 20 - score : score) / 2);
  const rarity = (score: number): number => scorer.thresholds.rarityOf(score);
  const reasons = async (rows: readonly number[]): Promise<never[][]> => rows.map(() => []);
  const { tail: _, ...heldBack } = scorer.thresholds.heldBack;
  const halved = { ...heldBack, scores: heldBack.scores.map((score) => score / 2) };
  const basis = { oddest: flows.oddest, rate: undefined };
  const budget = compareAtBudget(
    { kind: "score", score: 5 },
    { old: { ...basis, heldBack }, new: { ...basis, heldBack: halved } },
  );
  expect(budget.thresholds.new).toBeCloseTo(2.5, 3);
  const compare = (suppressed: Uint8Array | undefined): Promise<ModelComparison> =>
    compareModels(
      {
        old: { scores, rarity, reasons },
        new: { scores: others, rarity: (own) => rarity(2 * own), reasons },
      },
      { labels: uses.label, suppressed, identifiers: (row) => scored.identifiers(row) },
      { thresholds: { old: 5, new: 2.5 }, share: budget.share },
    );
  const found = await compare(undefined);
  expect(found.rankCorrelation).toBeGreaterThan(0.9);
  expect(found.overlap).toBeLessThan(1);
  expect(found.changed.new).toHaveLength(5);
  for (const { row, rarities, identifiers } of [...found.changed.new, ...found.changed.old]) {
    expect(row % 100).toBe(0);
    expect(rarities.old === rarities.new).toBe(false);
    expect(identifiers).toHaveLength(flows.identifiers.length);
  }
  const none = await compare(new Uint8Array(table.rows).fill(1));
  expect(none.alarms).toMatchObject({ old: 0, new: 0, both: 0 });
  expect(none.changed).toEqual({ old: [], new: [] });
});
