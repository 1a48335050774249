import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRules, ruleProblems } from "../src/index.ts";

const schema: object = JSON.parse(
  readFileSync(fileURLToPath(new URL("../schema.json", import.meta.url)), "utf8"),
);
const accepts = new Ajv2020({ strict: true, strictRequired: false }).compile(schema);

/** A value that is to stand somewhere, or one that is not. */
const or = (right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 12, arbitrary: right },
    {
      weight: 1,
      arbitrary: fc.constantFrom<unknown>(
        null,
        "",
        "x",
        0,
        1.5,
        true,
        [],
        [null],
        {},
        { from: "1" },
        "24:00",
      ),
    },
  );

const named = fc.oneof(
  fc.constantFrom<unknown>(
    "ssh",
    "10.0.0.0/8",
    "10.0.0.0/33",
    "fd00::/8",
    "10.20.1.5",
    22,
    -0.5,
    2 ** 60,
    true,
  ),
  fc.string(),
);
const condition = fc.oneof(
  or(named),
  fc.array(or(named), { maxLength: 3 }),
  fc.record(
    {
      from: or(fc.integer()),
      to: or(fc.integer()),
      pattern: or(fc.constantFrom("ss*", "?", "x".repeat(256), "x".repeat(257))),
    },
    { requiredKeys: [] },
  ),
);
const clock = fc.constantFrom("00:00", "22:00", "06:30", "24:00", "24:01", "7:00", "22:60");
const rule = fc.record(
  {
    id: or(fc.constantFrom("a", "b", "nightly-backup", "x".repeat(64), "x".repeat(65), "ü", "a b", "a\n")),
    comment: or(fc.string()),
    verdict: or(fc.constantFrom("benign", "wrong", "escalate", "Benign")),
    match: or(fc.dictionary(fc.constantFrom("id.orig_h", "service", ""), condition)),
    host: or(fc.oneof(fc.constantFrom("10.0.0.1", "::1/128", "host"), fc.array(fc.constant("10.0.0.1")))),
    during: or(
      fc.record(
        {
          days: or(fc.array(fc.constantFrom("mon", "sun", "Mon"))),
          from: or(clock),
          to: or(clock),
          zone: or(fc.constantFrom("Europe/Berlin", "UTC", "Mars/Olympus")),
          day: fc.constant("mon"),
        },
        { requiredKeys: [] },
      ),
    ),
    expires: or(fc.constantFrom("2027-01-31", "2027-02-30", "31.1.2027")),
    verdicts: fc.constant("benign"),
  },
  { requiredKeys: ["id", "verdict"] },
);
const files = or(fc.record({ rules: or(fc.array(or(rule), { maxLength: 4 })) }));

describe("what the parser takes is what the schema says", () => {
  test("but for what no schema can say", () => {
    fc.assert(
      fc.property(files, (file) => {
        const ofShape = ruleProblems(file).filter(({ isOfShape }) => isOfShape);
        expect(accepts(file), JSON.stringify([file, ofShape, accepts.errors])).toBe(ofShape.length === 0);
      }),
      { numRuns: 3000 },
    );
  });

  test("and in YAML as in JSON", () => {
    fc.assert(
      fc.property(files, (file) => {
        const read = (): unknown => parseRules(JSON.stringify(file), "rules.json");
        if (ruleProblems(file).length > 0) expect(read).toThrow("read rules: rules.json");
        else expect(read()).toEqual(file);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a file that cannot be read says where and what was meant", () => {
  const start = "rules:\n  - id: a\n    verdict: benign\n";
  test.each([
    [
      `${start}    host: 10.0.0.1\n  - id: a\n    verdict: wrong\n    host: 10.0.0.2\n`,
      ":5:5: rule 2, id: the id a is that of rule 1",
    ],
    [`${start}    mach:\n      service: ssh\n`, "did you mean match?"],
    [
      `${start}    match:\n      service: { pattern: ss*, form: 1 }\n`,
      ':5:32: rule 1, match.service.form: the key "form" is not known; did you mean from?',
    ],
    [
      `${start}    match:\n      id.resp_p: [22, 10.0.0.0/33]\n`,
      ":5:23: rule 1, match.id.resp_p[2]: 10.0.0.0/33 is no network",
    ],
    [`${start}    match:\n      orig_bytes: { from: 5, to: 1 }\n`, "from 5 is more than to 1"],
    [`${start}    match:\n      service:\n`, "null found"],
    [
      `${start}    host: [10.0.0.1, nas]\n`,
      ':4:22: rule 1, host[2]: "nas" is neither an address nor a network',
    ],
    [`${start}    during: { from: "22:00", to: "22:00" }\n`, "the same time"],
    [`${start}    during: { days: [mon], zone: Mars }\n`, "Mars is no time zone"],
    [`${start}    host: 10.0.0.1\n    expires: 2027-02-30\n`, "2027-02-30 is no day of the calendar"],
    [start, "it says of which alarms it is; add match, host or during"],
    [`${start}    host: 10.0.0.1\n    verdict: wrong\n`, ":5:5: it is no YAML: Map keys must be unique"],
    [`${start}  - [\n`, "it is no YAML"],
    ["", "null found, rules: and a list of them expected"],
    ["rule: []\n", "did you mean rules?"],
    ["rules: []\n---\nrules: []\n", "it is no YAML"],
    ["rules: *none\n", "none"],
    [`${start}    match: { uid: 12345678901234567890 }\n`, "put it in quotes"],
  ])("%j", (text, expected) => {
    const read = (): unknown => parseRules(text, "rules.yaml");
    expect(read).toThrow(expect.objectContaining({ code: "RULES_INVALID" }));
    expect(read).toThrow(expected);
    expect(read).toThrow(/^read rules: rules\.yaml[^\n]*$/);
  });

  test("aliases that make much of little are refused", () => {
    const lists = Array.from({ length: 9 }, (_, k) => {
      const members = new Array<string>(9).fill(k === 0 ? "x" : `*a${k - 1}`);
      return `a${k}: &a${k} [${members.join(", ")}]`;
    });
    expect(() => parseRules(lists.join("\n"), "rules.yaml")).toThrow(
      "read rules: rules.yaml: Excessive alias count",
    );
  });

  test("an empty list of rules is one", () => {
    expect(parseRules("rules: []", "rules.yaml")).toEqual({ rules: [] });
  });
});
