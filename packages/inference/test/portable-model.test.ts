import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  encodeDetector,
  makePortable,
  parseDetectorMetadata,
  scoreRarity,
  summariseScores,
  thresholdForBudget,
} from "@oddflow/detector";
import { createScorer, openNodeSession, Tensor } from "@oddflow/inference/node";
import { GraphBuilder, readModelSummary } from "@oddflow/onnx";
import { type ColumnSpec, createRecordEncoder, type FlowRecord, fieldValue } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const fixture = readFileSync(fileURLToPath(new URL("../../../fixtures/unsw-nb15.onnx", import.meta.url)));
const OPTIONS = { inputs: "columns", rank: 2, budget: 0.01, columnErrors: true, identifiers: false } as const;

type Portable = ReturnType<typeof makePortable>;

/** What a portable model gives for records, whose values go in as they are. */
async function run(
  { bytes, inputs, outputs }: Portable,
  records: readonly FlowRecord[],
  columns: readonly string[] = inputs.map(({ name }) => name),
): Promise<Record<string, readonly number[]>> {
  const session = await openNodeSession(bytes, "cpu", 1);
  const feeds = Object.fromEntries(
    inputs.map(({ name, type, values }, k) => {
      const given = records.map((record) => fieldValue(record, columns[k] ?? name));
      const shape = values === undefined ? [records.length] : [records.length, values];
      if (type === "text") {
        return [
          name,
          new Tensor(
            "string",
            given.map((value) => (value == null ? "" : String(value))),
            shape,
          ),
        ];
      }
      return [
        name,
        new Tensor(
          "float32",
          Float32Array.from(given, (value) => (typeof value === "number" ? value : Number.NaN)),
          shape,
        ),
      ];
    }),
  );
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    outputs.map(({ name }) => [name, Array.from((results[name]?.data ?? []) as Float32Array, Number)]),
  );
}

const RECORDS: readonly FlowRecord[] = Array.from({ length: 400 }, (_, i) => ({
  protocol: ["tcp", "udp", "never-seen", "", null][i % 5],
  state: ["FIN", "CON", "INT", null][i % 4],
  service: ["http", "-", "dns"][i % 3],
  dur: (i % 17) * 0.37,
  sbytes: i * 911,
  sttl: [31, 62, 254, Number.NaN][i % 4],
  sload: i % 11 === 0 ? Infinity : i * 1e5,
  spkts: 1 + (i % 40),
}));

describe("a model for other platforms", () => {
  const { spec, thresholds } = parseDetectorMetadata(readModelSummary(fixture));

  test.each([1, 2] as const)(
    "takes columns of rank %s as they are and gives the scorer's own bits",
    async (rank) => {
      const portable = makePortable(fixture, { ...OPTIONS, rank });
      const scorer = await createScorer(fixture, { provider: "cpu", threads: 1 });
      const expected = await scorer.score(RECORDS, { errors: true });
      await scorer.close();
      const given = await run(portable, RECORDS);
      expect(given["score"]).toEqual([...expected.scores]);
      expect(given["column_error"]).toEqual([...(expected.errors ?? [])]);
      const threshold = thresholdForBudget(thresholds.heldBack, 0.01);
      expect(given["is_anomaly"]).toEqual([...expected.scores].map((score) => Number(score >= threshold)));
      expect(given["is_anomaly"]).toContain(0);
      expect(given["is_anomaly"]).toContain(1);
      given["probability"]?.forEach((share, i) => {
        expect(share).toBeCloseTo(scoreRarity(thresholds.heldBack, expected.scores[i] ?? 0), 5);
      });
    },
  );

  test("takes codes in one input where it is asked to, and leaves column errors out", async () => {
    const portable = makePortable(fixture, { ...OPTIONS, inputs: "flows", columnErrors: false });
    expect(portable.inputs).toEqual([{ name: "flows", type: "float32", values: spec.columns.length }]);
    expect(portable.outputs.map(({ name }) => name)).toEqual(["score", "probability", "is_anomaly"]);
    const { flows } = createRecordEncoder(spec.columns).encode(RECORDS);
    const session = await openNodeSession(portable.bytes, "cpu", 1);
    const { score } = await session.run({
      flows: new Tensor("float32", flows, [RECORDS.length, spec.columns.length]),
    });
    await session.release();
    expect(Array.from((score?.data ?? []) as Float32Array)).toEqual(
      (await run(makePortable(fixture, OPTIONS), RECORDS))["score"],
    );
  });

  test("is no model of Oddflow's: reading it says what it is", () => {
    const { bytes } = makePortable(fixture, { ...OPTIONS, inputs: "flows" });
    expect(() => readModelSummary(bytes)).toThrow(/`oddflow export` made it for other platforms/);
    expect(() => makePortable(bytes, OPTIONS)).toThrow(/`oddflow export` made it/);
  });
});

/** A detector whose column errors are its input's values, squared, and whose score is the mean of them. */
function squaringDetector(
  columns: readonly ColumnSpec[],
  held: Float32Array = Float32Array.of(1, 2),
): Uint8Array {
  const graph = new GraphBuilder("g");
  const flows = graph.input("flows", "float32", ["batch", columns.length]);
  graph.node("Mul", [flows, flows], {}, "column_error");
  const shares = graph.floats(new Array<number>(columns.length).fill(1 / columns.length), [
    columns.length,
    1,
  ]);
  graph.node("Squeeze", [graph.node("MatMul", ["column_error", shares]), graph.integers([1])], {}, "score");
  graph.output("score", "float32", ["batch"]);
  graph.output("column_error", "float32", ["batch", columns.length]);
  return encodeDetector(graph.build(), {
    spec: { version: 1, columns },
    thresholds: { heldBack: summariseScores(held) },
    training: {},
  });
}

const name = fc.oneof(
  fc.constantFrom("flows", "column errors", "id.orig_h", "oddflow/0", "oddflow/portable/1", "9", "ä", "g/0"),
  fc.string({ maxLength: 6 }),
);
const text = fc.oneof(fc.constantFrom("tcp", "-", "TCP", " tcp", "ü"), fc.string({ maxLength: 4 }));
const whole = fc.integer({ min: -3, max: 300 }).map(String);

const column = fc.record({ name, kind: fc.constantFrom("number", "text", "code") }).chain((drawn) =>
  fc
    .uniqueArray(drawn.kind === "text" ? text : whole, { minLength: 1, maxLength: 5 })
    .map((vocabulary): ColumnSpec => {
      const scaled = { name: drawn.name, mean: 0, scale: 1 };
      if (drawn.kind === "number") return { ...scaled, kind: "number", median: 0, transform: "identity" };
      const valueType = drawn.kind === "text" ? "text" : "number";
      return { ...scaled, kind: "category", valueType, vocabulary, missingCode: 0, encoding: "label" };
    }),
);
const value = fc.oneof(text, fc.integer({ min: -3, max: 300 }), fc.float(), fc.constant(null));

describe("for any columns", () => {
  test("values come to the codes that Oddflow gives them", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(column, {
          minLength: 1,
          maxLength: 5,
          selector: (drawn) => drawn.name,
        }),
        fc.array(fc.array(value, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 8 }),
        fc.constantFrom(1, 2),
        fc.boolean(),
        async (columns, rows, rank, identifiers) => {
          fc.pre(!columns.some((drawn) => /^(score|probability|is_anomaly|column_error|)$/.test(drawn.name)));
          const records = rows.map((cells) =>
            Object.fromEntries(
              columns.map((drawn, k) => {
                const cell = cells[k];
                // What is no number has no place in a tensor of numbers.
                const fits = drawn.kind === "category" && drawn.valueType === "text";
                return [drawn.name, fits || typeof cell !== "string" ? cell : null];
              }),
            ),
          );
          const portable = makePortable(squaringDetector(columns), {
            ...OPTIONS,
            rank: rank === 1 ? 1 : 2,
            identifiers,
          });
          if (identifiers) for (const input of portable.inputs) expect(input.name).toMatch(/^[A-Za-z_]\w*$/);
          const { flows } = createRecordEncoder(columns).encode(records);
          const given = await run(
            portable,
            records,
            columns.map((drawn) => drawn.name),
          );
          // float32's largest is a missing number to the encoder, and an infinity in a tensor: both are missing to a model.
          const missing = (number: number): number => (Number.isFinite(number) ? number : Number.NaN);
          expect(given["column_error"]?.map(missing)).toEqual(
            [...flows].map((code) => missing(Math.fround(code * code))),
          );
        },
      ),
      { numRuns: 80 },
    );
  });

  test("a column with the name of an output, or without one, is refused", () => {
    const refusal = (own: string): (() => unknown) => {
      const scaled = {
        kind: "number",
        name: own,
        median: 0,
        transform: "identity",
        mean: 0,
        scale: 1,
      } as const;
      return () => makePortable(squaringDetector([scaled]), OPTIONS);
    };
    expect(refusal("score")).toThrow(/column "score" has the name of an output/);
    expect(refusal("")).toThrow(/a column has no name/);
  });
});

test("probabilities and verdicts are those of the thresholds, for any held-back scores, with and without a tail", async () => {
  const columns = [
    { kind: "number", name: "x", median: 0, transform: "identity", mean: 0, scale: 1 },
  ] as const;
  // None so near to another that they are one in float32.
  const score = fc.integer({ min: 0, max: 100_000 }).map((thousandths) => Math.fround(thousandths / 1000));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(score, fc.constantFrom(0, 1, 2)), { minLength: 1, maxLength: 700 }),
      fc.array(score, { minLength: 1, maxLength: 50 }),
      fc.constantFrom(0, 0.001, 0.01, 0.5, 1),
      async (held, roots, budget) => {
        const heldBack = summariseScores(Float32Array.from(held));
        const portable = makePortable(squaringDetector(columns, Float32Array.from(held)), {
          ...OPTIONS,
          budget,
        });
        const records = [...roots, ...held.map(Math.sqrt)].map((x) => ({ x }));
        const given = await run(portable, records);
        given["score"]?.forEach((own, i) => {
          const expected = scoreRarity(heldBack, own);
          // A score and its float32 may lie on either side of a step between two stored ones.
          const beside = [Math.fround(own * (1 - 1e-6)), Math.fround(own * (1 + 1e-6))].map((near) =>
            scoreRarity(heldBack, near),
          );
          const [least, most] = [Math.min(expected, ...beside), Math.max(expected, ...beside)];
          expect(given["probability"]?.[i]).toBeGreaterThanOrEqual(least - 2e-5);
          expect(given["probability"]?.[i]).toBeLessThanOrEqual(most + 2e-5);
          expect(given["is_anomaly"]?.[i]).toBe(Number(own >= thresholdForBudget(heldBack, budget)));
        });
      },
    ),
    { numRuns: 60 },
  );
});
