import { describeSeen, type Reason } from "@oddflow/inference";
import * as node from "@oddflow/inference/node";
import * as web from "@oddflow/inference/web";
import { createRecordEncoder, type FlowRecord, type PreprocessingSpec } from "@oddflow/preprocessing";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { constantModel } from "./constant-model.ts";

const entries = [
  ["node", (bytes: Uint8Array) => node.createScorer(bytes, { provider: "cpu", threads: 1 })],
  ["web", (bytes: Uint8Array) => web.createScorer(bytes)],
] as const;

/** A number, two kinds of categories, and a number without a transform. */
const SPEC: PreprocessingSpec = {
  version: 1,
  columns: [
    {
      kind: "number",
      name: "dbytes",
      median: 900,
      transform: "signed-log1p",
      mean: Math.log1p(1100),
      scale: 2,
    },
    { kind: "number", name: "dur", median: 0.25, transform: "identity", mean: 0.5, scale: 0.5 },
    {
      kind: "category",
      name: "service",
      valueType: "text",
      vocabulary: ["dns", "http", "ftp-data"],
      missingCode: 1,
      encoding: "one-hot",
      mean: 0,
      scale: 1,
    },
    {
      kind: "category",
      name: "flag",
      valueType: "number",
      vocabulary: ["0", "1", "255"],
      missingCode: 0,
      encoding: "label",
      mean: 1,
      scale: 0.5,
    },
  ],
  featureLimit: 5,
};

/** Errors of held-back flows: in every column half of them lie above 1, a hundredth above 4, a thousandth above 9. */
const heldBack = { flows: 2, probabilities: [0, 1], scores: [0, 1] };
const columnErrors = {
  flows: 1000,
  probabilities: [0, 0.5, 0.99, 1],
  errors: SPEC.columns.map(() => [0, 1, 4, 9]),
};

/** Expects 1,100 bytes, half a second, "dns" and the flag 1 of every flow. */
const EXPECTED = [0, 0, 1, 0, 0, 0, 0];
const model = constantModel(SPEC, EXPECTED, { heldBack, columnErrors });
const usual = { dbytes: 1100, dur: 0.5, service: "dns", flag: 1 };

/** One scorer for each model that words are asked of: opening one takes longer than asking. */
const scorers = new Map<Uint8Array, Promise<node.Scorer>>();
afterAll(async () => {
  for (const scorer of scorers.values()) await (await scorer).close();
});

async function explain(bytes: Uint8Array, records: readonly FlowRecord[]): Promise<node.ExplainedFlow[]> {
  const scorer = scorers.get(bytes) ?? node.createScorer(bytes, { provider: "cpu", threads: 1 });
  scorers.set(bytes, scorer);
  return (await scorer).explain(records, { top: SPEC.columns.length });
}

async function reasonsOf(bytes: Uint8Array, record: FlowRecord): Promise<readonly Reason[]> {
  const [flow] = await explain(bytes, [record]);
  return flow?.reasons ?? [];
}

async function wordsOf(bytes: Uint8Array, record: FlowRecord, column: string): Promise<string | undefined> {
  return (await reasonsOf(bytes, record)).find(({ name }) => name === column)?.text;
}

test("a missing value that is a value of its own is told as one", async () => {
  const columns = SPEC.columns.map((column) =>
    column.name === "service" ? { ...column, missingCode: 4 } : column,
  );
  const words = (expected: number[], service: string | null): Promise<string | undefined> => {
    const own = constantModel({ ...SPEC, columns }, expected, { heldBack });
    return wordsOf(own, { ...usual, service }, "service");
  };
  expect(await words([0, 0, 1, 0, 0, 0, 0, 0], null)).toBe('service missing, usually "dns"');
  expect(await words([0, 0, 0, 0, 0, 0, 1, 0], "http")).toBe('service "http", usually missing');
  expect(await words([0, 0, 0, 0, 0, 0, 1, 0], null)).toBe("service missing, only weakly expected");
});

describe.each(entries)("%s", (_, open) => {
  test("names the columns that made a flow odd, the oddest first, with what was seen and expected", async () => {
    const scorer = await open(model);
    const flows = [
      { ...usual, dbytes: 4_200_000, service: "ftp-data" },
      { ...usual, dur: 1.7, flag: 7 },
    ];
    const [first, second] = await scorer.explain(flows, { top: 2 });
    expect(first?.reasons).toEqual([
      {
        name: "dbytes",
        seen: 4_200_000,
        expected: expect.closeTo(1100, 1),
        share: expect.closeTo(0.8947, 3),
        rarity: 0,
        text: "dbytes 4.2 M, usually about 1,100 (less than 1 in 1,000 flows is this far off)",
      },
      {
        name: "service",
        seen: "ftp-data",
        expected: "dns",
        share: expect.closeTo(0.1053, 3),
        rarity: expect.closeTo(0.5 ** (2 / 3) * 0.01 ** (1 / 3), 5),
        text: expect.stringMatching(/^service "ftp-data", usually "dns" \(1 in 7 flows is this far off\)$/),
      },
    ]);
    expect(second?.reasons.map(({ name, seen, expected }) => [name, seen, expected])).toEqual([
      ["flag", { unseen: "7" }, 1],
      ["dur", 1.7, 0.5],
    ]);
    await scorer.close();
  });

  test("gives the score that scoring gives, to the last bit, and all columns' shares make up all of it", async () => {
    const scorer = await open(model);
    const flows = Array.from({ length: 1100 }, (_unused, i) => ({
      dbytes: i ** 2,
      dur: i % 13 === 0 ? null : i / 1000,
      service: ["dns", "http", "gopher"][i % 3],
      flag: i % 4,
    }));
    const explained = await scorer.explain(flows, { top: 99 });
    expect(Float32Array.from(explained, ({ score }) => score)).toEqual((await scorer.score(flows)).scores);
    for (const { reasons } of explained) {
      expect(reasons).toHaveLength(SPEC.columns.length);
      expect(reasons.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 5);
      expect(reasons.every(({ share }, i) => i === 0 || share <= (reasons[i - 1]?.share ?? 0))).toBe(true);
    }
    await scorer.close();
  });

  test("says the same of encoded flows as of records, but for the text of unseen values", async () => {
    const scorer = await open(model);
    const records = [
      { ...usual, dbytes: null, dur: 9 },
      { ...usual, service: "gopher" },
    ];
    const { flows } = createRecordEncoder(scorer.columns).encode(records);
    const [fromRecords, fromFlows] = [
      await scorer.explain(records, { top: 1 }),
      await scorer.explain(flows, { top: 1 }),
    ];
    expect(fromFlows[0]).toEqual(fromRecords[0]);
    expect(fromRecords[1]?.reasons[0]).toMatchObject({
      seen: { unseen: "gopher" },
      text: expect.stringMatching(/^service "gopher" \(rare or new\), usually "dns"/),
    });
    expect(fromFlows[1]?.reasons[0]).toMatchObject({
      seen: { unseen: null },
      text: expect.stringMatching(/^service a rare or new value, usually "dns"/),
    });
    expect(scorer.explains).toBe(true);
    expect(await scorer.explain([], { top: 1 })).toEqual([]);
    await scorer.close();
  });

  test("of a model that does not tell what it expects is refused; it scores all the same", async () => {
    const scorer = await open(constantModel(SPEC, EXPECTED, { heldBack }, "hidden"));
    const refusal = {
      code: "MODEL_INVALID",
      message: expect.stringMatching(/"reconstruction".*train .*again/),
    };
    expect(scorer.explains).toBe(false);
    await expect(scorer.explain([usual], { top: 1 })).rejects.toMatchObject(refusal);
    await expect(scorer.explain([], { top: 1 })).rejects.toMatchObject(refusal);
    expect((await scorer.score([usual])).scores[0]).toBeCloseTo(0, 5);
    await scorer.close();
  });

  test("refuses what cannot be explained, and nothing is explained once it is closed", async () => {
    const scorer = await open(model);
    for (const top of [0, -1, 1.5, Number.NaN]) {
      await expect(scorer.explain([usual], { top })).rejects.toMatchObject({ code: "OPTION_RANGE" });
    }
    await expect(scorer.explain(new Float32Array(5), { top: 1 })).rejects.toMatchObject({
      code: "FLOWS_SHAPE",
    });
    await expect(scorer.explain(null as never, { top: 1 })).rejects.toMatchObject({ code: "FLOWS_SHAPE" });
    await expect(scorer.explain([{ dur: "soon" }], { top: 1 })).rejects.toMatchObject({
      code: "VALUE_NOT_A_NUMBER",
    });
    await Promise.all([scorer.explain([usual], { top: 1 }), scorer.explain([usual], { top: 2 })]);
    await scorer.close();
    await scorer.close();
    await expect(scorer.explain([usual], { top: 1 })).rejects.toThrow("the scorer is closed");
  });
});

test("both entries give the same reasons", async () => {
  const flows = Array.from({ length: 200 }, (_, i) => ({
    ...usual,
    dbytes: 1.7 ** (i % 40),
    dur: i / 50,
    flag: i % 3,
  }));
  const [onNode, onWeb] = await Promise.all(
    entries.map(async ([, open]) => {
      const scorer = await open(model);
      const explained = await scorer.explain(flows, { top: 2 });
      await scorer.close();
      return explained.map(({ reasons }) => reasons.map(({ name, seen, text }) => ({ name, seen, text })));
    }),
  );
  expect(onNode).toEqual(onWeb);
});

describe("in words", () => {
  const without = constantModel(SPEC, EXPECTED);

  test.each([
    ["dbytes", 254, "dbytes 254, usually about 1,100"],
    ["dbytes", 254.75, "dbytes 255, usually about 1,100"],
    ["dbytes", 450_185, "dbytes 450,185, usually about 1,100"],
    ["dbytes", 4_234_567_890, "dbytes 4.23 G, usually about 1,100"],
    ["dbytes", 1e20, "dbytes 1e+20, usually about 1,100"],
    ["dbytes", 1101, "dbytes 1,101, usually about 1,100"],
    ["dbytes", 1100, "dbytes 1,100, close to what is usual"],
    ["dbytes", "-", "dbytes missing, read as 900, usually about 1,100"],
    ["dur", 3, "dur 3, usually about 0.5"],
    ["dur", 1, "dur 1, usually about 0.5"],
    ["dur", 0.123456, "dur 0.123, usually about 0.5"],
    ["dur", -0.00001234, "dur -1.23e-5, usually about 0.5"],
    ["dur", Infinity, "dur missing, read as 0.25, usually about 0.5"],
    ["service", "ftp-data", 'service "ftp-data", usually "dns"'],
    ["service", "dns", 'service "dns", only weakly expected'],
    ["service", null, 'service missing, read as "http", usually "dns"'],
    [
      "service",
      "a\n\u001b[31m\u202eb",
      'service "a\\u{a}\\u{1b}[31m\\u{202e}b" (rare or new), usually "dns"',
    ],
    ["service", "x".repeat(99), `service "${"x".repeat(37)}..." (rare or new), usually "dns"`],
    ["service", '{"a":[1]}', 'service "{\\"a\\":[1]}" (rare or new), usually "dns"'.replaceAll("\\", "")],
    ["flag", 255, "flag 255, usually 1"],
    ["flag", "none", "flag missing, read as 0, usually 1"],
    ["flag", "soon", "flag soon (rare or new), usually 1"],
  ])("%s %j", async (column, value, text) => {
    expect(await wordsOf(without, { ...usual, [column]: value }, column)).toBe(text);
  });

  test("an expectation near zero or of any other value", async () => {
    const zero = (Math.log1p(0.4) + Math.log1p(1100)) / -2;
    const odd = constantModel(SPEC, [zero, -99, 0, 0.2, 0.1, 0.7, 9]);
    expect(await wordsOf(odd, usual, "dbytes")).toBe("dbytes 1,100, usually about 0");
    expect(await wordsOf(odd, { ...usual, dbytes: 0 }, "dbytes")).toBe("dbytes 0, close to what is usual");
    expect(await wordsOf(odd, usual, "dur")).toBe("dur 0.5, usually about -2");
    expect(await wordsOf(odd, usual, "service")).toBe('service "dns", usually some other value');
    expect(await wordsOf(odd, { ...usual, service: "gopher" }, "service")).toBe(
      'service "gopher" (rare or new), only weakly expected',
    );
    expect(await wordsOf(odd, usual, "flag")).toBe("flag 1, usually some other value");
    expect((await reasonsOf(odd, usual)).map(({ rarity }) => rarity)).toEqual([null, null, null, null]);
  });

  test("how unusual it is", async () => {
    // A squared error of x is sqrt(x) deviations of half a second.
    const rarityOf = async (error: number): Promise<string | undefined> =>
      (await wordsOf(model, { ...usual, dur: 0.5 + Math.sqrt(error) / 2 }, "dur"))?.replace(/^[^(]*/, "");
    expect(await rarityOf(0)).toBe("(nearly all flows are this far off)");
    expect(await rarityOf(1)).toBe("(5 in 10 flows are this far off)");
    expect(await rarityOf(2)).toBe("(1 in 7 flows is this far off)");
    expect(await rarityOf(4)).toBe("(1 in 100 flows is this far off)");
    expect(await rarityOf(8)).toBe("(1 in 630 flows is this far off)");
    expect(await rarityOf(9.1)).toBe("(less than 1 in 1,000 flows is this far off)");
  });

  test("is one short line, whatever is seen", async () => {
    // Of any characters, control characters often; fast-check's own unit for that takes seconds to make.
    const character = fc.oneof(fc.integer({ min: 0, max: 0x10ffff }), fc.integer({ min: 0, max: 0xa0 }));
    const anyText = fc.array(character.map((code) => String.fromCodePoint(code))).map((all) => all.join(""));
    const service = fc.oneof(anyText, fc.double(), fc.bigInt(), fc.boolean(), fc.constant(null));
    const records = fc.array(fc.record({ service, dur: fc.double() }), { minLength: 1, maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(records, async (drawn) => {
        const explained = await explain(model, drawn);
        const reasons = explained.flatMap((flow) => flow.reasons);
        expect(reasons).toHaveLength(4 * drawn.length);
        const isPlain = (text: string): boolean =>
          text.length < 500 && /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(text) && !/undefined|NaN|∞/.test(text);
        expect(reasons.filter(({ text }) => !isPlain(text))).toEqual([]);
        expect(JSON.parse(JSON.stringify(explained))).toEqual(explained);
      }),
      { numRuns: 50 },
    );
  });

  test("a value alone, where nothing is expected", () => {
    const [dbytes, , service] = SPEC.columns;
    if (dbytes === undefined || service === undefined) throw new Error("the spec has four columns");
    expect([
      describeSeen(dbytes, 5_000_000),
      describeSeen(service, null),
      describeSeen(service, "dns"),
    ]).toEqual(["dbytes 5 M", "service missing", 'service "dns"']);
  });
});
