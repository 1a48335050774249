import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_RULES, parseRules, type Rule, withoutRule, withRule } from "../src/index.ts";

const text = fc
  .string({ minLength: 1, unit: "grapheme" })
  .filter((own) => own.trim() !== "" && !own.includes("/"));
const condition = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.array(text, { minLength: 1, maxLength: 3 }),
  fc.record({
    from: fc.integer({ max: 0 }),
    to: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  }),
);
const rule = fc.record(
  {
    id: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
    comment: fc.string({ unit: "grapheme" }),
    verdict: fc.constantFrom("benign", "wrong", "escalate"),
    match: fc.dictionary(text, condition, { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
  },
  { requiredKeys: ["id", "verdict", "match"] },
) as fc.Arbitrary<Rule>;

test("rules that are written in are read again, the last one first, and each can be taken out", () => {
  const holds = fc.property(
    fc.uniqueArray(rule, { selector: ({ id }) => id, minLength: 1, maxLength: 5 }),
    fc.nat(4),
    fc.constantFrom<string[]>(NO_RULES, '{"rules": []}'),
    (rules, place, empty) => {
      const written = rules.reduce((file, own) => withRule(file, own, "f"), empty);
      expect(parseRules(written, "f").rules).toEqual(rules.toReversed());
      const { id } = rules[place % rules.length] as Rule;
      expect(parseRules(withoutRule(written, id, "f"), "f").rules).toEqual(
        rules.toReversed().filter((own) => own.id !== id),
      );
    },
  );
  fc.assert(holds, { numRuns: 30 });
});

const OWN: Rule = { id: "own", verdict: "benign", match: { x: 1 } };

test("what else a file says stays, and JSON stays JSON", () => {
  const file = "# ours\nrules:\n  # about b\n  - id: b\n    verdict: wrong # why\n    match: { x: 1 }\n";
  const written = withRule(file, OWN, "f");
  expect(written).toMatch(
    /^# ours\nrules:\n {2}- id: own\n[^#]*# about b\n {2}- id: b\n {4}verdict: wrong # why\n/,
  );
  expect(withoutRule(written, "own", "f")).toBe(file);
  expect(withoutRule(file, "none such", "f")).toBe(file);
  expect(JSON.parse(withRule('{"rules": []}', OWN, "f"))).toEqual({ rules: [OWN] });
});

test("a rule that others point at can be taken out, and one whose id points at others; one that cannot be is refused", () => {
  const file =
    "rules:\n  - { id: a, verdict: wrong, match: &m { x: 1 } }\n  - { id: b, verdict: wrong, match: *m }\n";
  expect(parseRules(withoutRule(file, "a", "f"), "f").rules).toEqual([
    { id: "b", verdict: "wrong", match: { x: 1 } },
  ]);
  const alias =
    "rules:\n  - { id: a, comment: &b b, verdict: wrong, match: { x: 1 } }\n  - { id: *b, verdict: wrong, match: { x: 1 } }\n";
  expect(parseRules(withoutRule(alias, "b", "f"), "f").rules.map(({ id }) => id)).toEqual(["a"]);
  expect(() => withRule(file, { ...OWN, id: "b" }, "f")).toThrow(/the id b is that of rule 1, too/);
});
