import {
  encodeDetectorMetadata,
  FlowCounter,
  parseDetectorMetadata,
  profileFlows,
  scoreProfile,
  summariseScores,
} from "@oddflow/detector";
import { encodeModel, GraphBuilder, readModelSummary, sealModel } from "@oddflow/onnx";
import { type CategoryColumn, OddflowError } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const category: CategoryColumn = {
  kind: "category",
  name: "c",
  valueType: "text",
  vocabulary: ["a", "b"],
  missingCode: 0,
  encoding: "label",
  mean: 0,
  scale: 1,
};
const spec = {
  version: 1,
  columns: [{ kind: "number", name: "n", median: 1, transform: "identity", mean: 0, scale: 1 }, category],
} as const;
const profile = profileFlows(spec.columns, Float32Array.of(1.1, 0, 2, 1, 7.25, 2, Number.NaN, Number.NaN));
const thresholds = { heldBack: { flows: 2, probabilities: [0, 1], scores: [1, 2] } };

function model(json: string | undefined): Uint8Array {
  const graph = new GraphBuilder("g");
  const flows = graph.input("flows", "float32", ["batch", 2]);
  graph.node("Mul", [flows, flows], {}, "column_error");
  const sums = graph.node("MatMul", [flows, graph.floats([1, 1], [2, 1])]);
  graph.node("Squeeze", [sums, graph.integers([1])], {}, "score");
  graph.output("score", "float32", ["batch"]);
  graph.output("column_error", "float32", ["batch", 2]);
  const metadata = encodeDetectorMetadata({ spec, thresholds, training: {}, profile });
  if (json === undefined) metadata.delete("oddflow.profile");
  else metadata.set("oddflow.profile", json);
  return sealModel(encodeModel({ graph: graph.build(), opset: 17, producer: "oddflow", metadata }));
}

const read = (json: string | undefined): ReturnType<typeof parseDetectorMetadata> =>
  parseDetectorMetadata(readModelSummary(model(json)));

describe("the profile in a model file", () => {
  test("comes back as it was written, and may be absent", () => {
    expect(read(JSON.stringify(profile)).profile).toEqual(profile);
    expect(read(undefined)).not.toHaveProperty("profile");
  });

  const damaged: [string, unknown][] = [
    ["no JSON", "{"],
    ["no object", "7"],
    ["without a version", "{}"],
    ["flows that its counts do not add up to", { ...profile, flows: 5 }],
    ["a column less", { ...profile, columns: profile.columns.slice(1) }],
    ["columns in another order", { ...profile, columns: profile.columns.toReversed() }],
    ...["name", "bins", "cuts", "counts", "missing"].map((key): [string, unknown] => [
      `a column without its ${key}`,
      { ...profile, columns: profile.columns.map((column) => ({ ...column, [key]: null })) },
    ]),
    ["cuts that fall", change({ cuts: [7.25, 2, 1.1] })],
    ["two cuts that are one float32", change({ cuts: [1.1, 1.1000000001, 7.25] })],
    ["a cut beyond float32", change({ cuts: [1.1, 2, 1e40] })],
    ["part of a flow", change({ counts: [0.5, 1.5, 1, 0] })],
    ["fewer than no flows", change({ counts: [-1, 3, 1, 0] })],
    ["bins of codes for a number", change({ bins: "codes" })],
  ];

  function change(part: Record<string, unknown>): unknown {
    return {
      ...profile,
      columns: profile.columns.map((column, k) => (k === 0 ? { ...column, ...part } : column)),
    };
  }

  test.each(damaged)("is refused with %s", (_, value) => {
    try {
      read(typeof value === "string" ? value : JSON.stringify(value));
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(OddflowError);
      expect(error).toMatchObject({
        code: "MODEL_INVALID",
        message: expect.stringContaining("oddflow.profile"),
      });
    }
  });

  test("of another version is refused with what to do", () => {
    expect(() => read(JSON.stringify({ ...profile, version: 2 }))).toThrow(/version 2, 1 expected/);
  });
});

describe("the profile of scores", () => {
  test("has ten like bins where scores differ", () => {
    const scores = Float32Array.from({ length: 5001 }, (_, i) => i / 5000);
    const [column] = scoreProfile(summariseScores(scores)).columns;
    expect(column?.counts).toHaveLength(10);
    for (const count of column?.counts ?? []) expect(Math.abs(count - 500.1)).toBeLessThan(1);
  });

  test("counts the very scores that it was taken from as it says, also where many are alike", () => {
    const values = fc.oneof(fc.float({ min: 0, max: 8, noNaN: true }), fc.constantFrom(0, 0.1, 2));
    fc.assert(
      fc.property(fc.array(values.map(Math.fround), { minLength: 1000, maxLength: 1500 }), (drawn) => {
        const scores = Float32Array.from(drawn);
        const stored = scoreProfile(summariseScores(scores));
        const counter = new FlowCounter(stored);
        counter.add(scores);
        const counts = stored.columns[0]?.counts ?? [];
        counter.profile.columns[0]?.counts.forEach((count, i) => {
          // The stored distribution is exact to half a percent.
          expect(Math.abs(count - (counts[i] ?? 0)) / scores.length).toBeLessThan(0.011);
        });
        expect(counts.reduce((sum, count) => sum + count, 0)).toBeCloseTo(scores.length, 6);
      }),
      { numRuns: 30 },
    );
  });
});
