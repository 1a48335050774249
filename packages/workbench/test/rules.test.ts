import { bindRules, NO_RULES, parseRules } from "@oddflow/rules";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readTable } from "../src/reading/index.ts";
import { makeRule, ruleCandidates } from "../src/rules/rule-draft.ts";
import { ruleWords } from "../src/rules/rule-words.ts";
import { changeRules } from "../src/rules/rules-in-use.ts";
import { orderByScore } from "../src/scoring/order-by-score.ts";
import { judge, madeFlows, madeRules, RULES } from "./made-flows.ts";

const value = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: "grapheme" }),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom("10.0.0.0/8", "007", " x ", "-"),
);

test("a rule that is written from a flow, whatever is chosen, is about that flow and can be read again", async () => {
  const flows = fc.array(fc.record({ src_ip: value, bytes: value, state: value, dst_port: value }), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(
      flows,
      fc.nat(3),
      fc.constantFrom<("benign" | "wrong" | "escalate")[]>("benign", "wrong", "escalate"),
      fc.nat(15),
      async (list, place, verdict, mask) => {
        const lines = list.map((record) => `${JSON.stringify(record)}\n`).join("");
        const table = await readTable(new Blob([lines]), "f.ndjson", () => undefined);
        const row = place % list.length;
        const candidates = ruleCandidates({
          table,
          row,
          reasons: ["bytes", "no such column", "state"],
          isKind: (column) => column === "state",
        });
        const masked = candidates.filter((_, k) => (mask >> k) % 2 === 1);
        for (const chosen of [candidates.filter(({ isChosen }) => isChosen), masked]) {
          if (chosen.length === 0) continue;
          const rule = makeRule({ verdict, candidates: chosen, comment: "é: #\n", taken: ["x"] });
          const { opened, bound } = changeRules(table, undefined, { add: rule, name: "r" });
          expect(parseRules(opened.text, "r").rules).toEqual([rule]);
          expect(bound.ruling(row)).toEqual({ rule: rule.id, verdict });
        }
      },
    ),
    // Twice such an amount is no number any more.
    {
      numRuns: 30,
      examples: [[[{ src_ip: "a", bytes: -1e308, state: null, dst_port: 0 }], 0, "benign", 15]],
    },
  );
});

test("a rule takes the source and what made the flow odd, of amounts a range, and has an id of its own", async () => {
  const table = await readTable(
    new Blob(["src_ip,dst_ip,dst_port,proto,bytes,state\n10.0.0.5,192.0.2.1,22,tcp,1234,CON\n"]),
    "f.csv",
    () => undefined,
  );
  const draft = (reasons: readonly string[]): ReturnType<typeof ruleCandidates> =>
    ruleCandidates({ table, row: 0, reasons, isKind: (column) => column === "state" });
  const candidates = draft(["bytes", "state"]).filter(({ isChosen }) => isChosen);
  const rule = makeRule({
    verdict: "benign",
    candidates,
    comment: "",
    taken: ["benign-10.0.0.5-bytes-state"],
  });
  expect(rule).toMatchObject({
    id: "benign-10.0.0.5-bytes-state-2",
    match: { src_ip: "10.0.0.5", bytes: { from: 620, to: 2500 }, state: "CON" },
  });
  expect(ruleWords(rule)).toEqual(["src_ip is 10.0.0.5", "bytes is 620 to 2500", "state is CON"]);
  // Nothing that made it odd can be named: the rule must not take all alarms of the source away.
  expect(draft([]).every(({ isChosen }) => isChosen)).toBe(true);
  expect(draft([]).map(({ column }) => column)).toEqual(["src_ip", "dst_ip", "dst_port", "proto"]);
});

test("rules are counted as `oddflow rules test` counts them", async () => {
  const table = await madeFlows(600);
  const rules = madeRules(table);
  const judged = judge(table, 7, rules);
  const order = orderByScore(judged.scores);
  const odd = order.filter((row) => judged.verdict.isAnomaly(judged.scores[row] ?? 0));
  const report = rules.count(odd);
  const hidden = odd.filter((row) => rules.suppressed[row] === 1).length;
  expect(hidden).toBeGreaterThan(10);
  expect([report.alarms, report.left]).toEqual([odd.length, odd.length - hidden]);
  expect(report.rules.reduce((sum, { hides }) => sum + hides, 0)).toBe(hidden);
  expect(report.rules.map(({ id, expired }) => [id, expired > 0])).toEqual([
    ["port", false],
    ["old", true],
    ["home", false],
    ["night", false],
    ["none", false],
  ]);
  expect(rules.lacking.get("none")).toEqual(["vlan"]);
});

test("rules come and go, and a file that cannot be read changes nothing", async () => {
  const table = await madeFlows(50);
  const first = changeRules(table, undefined, { name: "ours.yaml", text: RULES });
  expect(first.opened.rules.map(({ id, lacking }) => [id, lacking.length])).toContainEqual(["none", 1]);
  expect(() => changeRules(table, first, { name: "x.yaml", text: "rules: 3" })).toThrow(
    "read rules: x.yaml:1:1: rules: 3 found, a list of rules expected",
  );
  const fewer = changeRules(table, first, { remove: "home" });
  expect(fewer.opened.name).toBe("ours.yaml");
  expect(fewer.opened.rules.map(({ id }) => id)).toEqual(["port", "old", "night", "none"]);
  const rule = { id: "mine", verdict: "benign", match: { proto: "udp" } } as const;
  const more = changeRules(table, fewer, { add: rule, name: "rules.yaml" });
  expect(more.opened.rules[0]?.id).toBe("mine");
  expect(changeRules(table, undefined, { remove: "x" }).opened.text).toBe(NO_RULES);
  const bound = bindRules(parseRules(more.opened.text, "again"), ["proto"]);
  expect(bound.ruling(() => "udp")).toEqual({ rule: "mine", verdict: "benign" });
});
