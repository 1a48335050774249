import {
  columnErrorRarity,
  encodeDetectorMetadata,
  parseDetectorMetadata,
  summariseColumnErrors,
} from "@oddflow/detector";
import { encodeModel, GraphBuilder, readModelSummary, sealModel } from "@oddflow/onnx";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("how unusual a column's error is", () => {
  test("is the share of flows with as large an error, to a factor of 1.2 of the counted one", () => {
    const flows = 5000;
    // The second column's errors are the first one's in another unit and another order.
    const draw = (row: number): number => -Math.log(((row * 2_654_435_761) % 4_294_967_291) / 4_294_967_291);
    const errors = new Float32Array(flows * 2);
    for (let row = 0; row < flows; row++) {
      errors[row * 2] = draw(row + 1);
      errors[row * 2 + 1] = 1000 * draw(flows - row);
    }
    const distribution = summariseColumnErrors(errors, 2);
    expect(JSON.stringify(distribution).length).toBeLessThan(500);
    for (const share of [0.9, 0.5, 0.2, 0.07, 0.03, 0.01, 0.004, 0.001]) {
      const error = -Math.log(share);
      const counted = errors.filter((own, i) => i % 2 === 0 && own >= error).length / flows;
      for (const [column, unit] of [1, 1000].entries()) {
        const found = columnErrorRarity(distribution, column, error * unit);
        expect(Math.max(found / counted, counted / found)).toBeLessThan(1.2);
      }
    }
  });

  test("is 1 for the smallest, a flow's share for the largest, and 0 beyond, whatever the errors", () => {
    const errors = fc.array(fc.float({ min: 0, max: Math.fround(1e30), noNaN: true }), {
      minLength: 1,
      maxLength: 300,
    });
    fc.assert(
      fc.property(errors, (drawn) => {
        const distribution = summariseColumnErrors(Float32Array.from(drawn), 1);
        const at = (error: number): number => columnErrorRarity(distribution, 0, error);
        const [least, most] = [Math.min(...drawn), Math.max(...drawn)];
        expect(at(least)).toBe(1);
        expect(at(most)).toBeGreaterThanOrEqual(1 / drawn.length - 1e-12);
        expect(at(most * 1.01 + 1e-9)).toBe(0);
        const shares = drawn.toSorted((a, b) => a - b).map(at);
        expect(shares.every((share, i) => i === 0 || share <= (shares[i - 1] ?? 0) + 1e-12)).toBe(true);
      }),
    );
  });

  test("all flows are usual where they are all alike", () => {
    const distribution = summariseColumnErrors(new Float32Array(500).fill(0.25), 1);
    expect(columnErrorRarity(distribution, 0, 0.25)).toBe(1);
    expect(columnErrorRarity(distribution, 0, 0.26)).toBe(0);
  });
});

describe("in a model file", () => {
  const detector = {
    spec: {
      version: 1,
      columns: [{ kind: "number", name: "n", median: 1, transform: "identity", mean: 0, scale: 1 }],
    },
    thresholds: { heldBack: { flows: 2, probabilities: [0, 1], scores: [1, 2] } },
    training: {},
  } as const;
  const read = (columnErrors: unknown) => {
    const graph = new GraphBuilder("g");
    const flows = graph.input("flows", "float32", ["batch", 1]);
    graph.node("Mul", [flows, flows], {}, "column_error");
    graph.node("Squeeze", ["column_error", graph.integers([1])], {}, "score");
    graph.output("score", "float32", ["batch"]);
    graph.output("column_error", "float32", ["batch", 1]);
    const metadata = encodeDetectorMetadata(detector);
    metadata.set("oddflow.thresholds", JSON.stringify({ ...detector.thresholds, columnErrors }));
    const bytes = sealModel(encodeModel({ graph: graph.build(), opset: 17, producer: "oddflow", metadata }));
    return parseDetectorMetadata(readModelSummary(bytes)).thresholds.columnErrors;
  };

  test("comes back as it was, or not at all", () => {
    const columnErrors = summariseColumnErrors(Float32Array.of(3, 1, 2), 1);
    expect(columnErrors).toMatchObject({ flows: 3, probabilities: [0, 0.5, 1], errors: [[1, 2, 3]] });
    expect(read(columnErrors)).toEqual(columnErrors);
    expect(read(undefined)).toBeUndefined();
  });

  test.each([
    [null],
    [5],
    [{}],
    [{ flows: 0, probabilities: [0, 1], errors: [[1, 2]] }],
    [{ flows: 3, probabilities: [1, 0], errors: [[1, 2]] }],
    [{ flows: 3, probabilities: [0, 1], errors: [[2, 1]] }],
    [{ flows: 3, probabilities: [0, 1], errors: [[1]] }],
    [{ flows: 3, probabilities: [0, 1], errors: [["a", 2]] }],
    [
      {
        flows: 3,
        probabilities: [0, 1],
        errors: [
          [1, 2],
          [1, 2],
        ],
      },
    ],
  ])("%j is refused", (columnErrors) => {
    expect(() => read(columnErrors)).toThrow(expect.objectContaining({ code: "MODEL_INVALID" }));
  });
});
