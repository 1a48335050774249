import { encodeDetector, encodeDetectorMetadata, parseDetectorMetadata } from "@oddflow/detector";
import { encodeModel, GraphBuilder, type Model, readModelSummary, sealModel } from "@oddflow/onnx";
import { OddflowError } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const detector = {
  spec: {
    version: 1,
    columns: [
      { kind: "number", name: "n", median: 1, transform: "identity", mean: 0, scale: 1 },
      { kind: "number", name: "ü", median: 1, transform: "identity", mean: 0, scale: 1 },
    ],
  },
  thresholds: { heldBack: { flows: 2, probabilities: [0, 1], scores: [1, 2] }, youden: 1.5 },
  training: { seed: 7 },
} as const;

function model(metadata: ReadonlyMap<string, string>, columns = 2): Model {
  const graph = new GraphBuilder("g");
  const flows = graph.input("flows", "float32", ["batch", columns]);
  const square = graph.node("Mul", [flows, flows], {}, "column_error");
  const mean = graph.floats(new Array<number>(columns).fill(1 / columns), [columns, 1]);
  graph.node("Squeeze", [graph.node("MatMul", [square, mean]), graph.integers([-1])], {}, "score");
  graph.output("score", "float32", ["batch"]);
  graph.output("column_error", "float32", ["batch", columns]);
  return { graph: graph.build(), opset: 17, producer: "oddflow", metadata };
}

const good = encodeDetector(model(new Map()).graph, detector);
const codeOf = (bytes: Uint8Array): string => {
  try {
    parseDetectorMetadata(readModelSummary(bytes));
    return "accepted";
  } catch (error) {
    return error instanceof OddflowError ? error.code : `not an OddflowError: ${error}`;
  }
};

describe("a model file", () => {
  test("says what went into it", () => {
    const summary = readModelSummary(good);
    expect(summary).toMatchObject({ producer: "oddflow", opset: 17, nodes: 3 });
    expect(summary.inputs).toEqual([{ name: "flows", elementType: 1, shape: ["batch", 2] }]);
    expect(summary.outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ["score", ["batch"]],
      ["column_error", ["batch", 2]],
    ]);
    expect(parseDetectorMetadata(summary)).toEqual(detector);
  });

  test("keeps any metadata text", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })), (texts) => {
        const metadata = new Map(Object.entries(texts));
        expect(readModelSummary(encodeModel(model(metadata))).metadata).toEqual(metadata);
      }),
    );
  });

  test("is refused wherever it is cut short", () => {
    expect(codeOf(good)).toBe("accepted");
    for (let length = 0; length < good.length; length++) {
      expect([length, codeOf(good.subarray(0, length))]).toEqual([length, "MODEL_INVALID"]);
    }
  });

  test("is refused with a typed error when its bytes are anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(codeOf(bytes)).toBe("MODEL_INVALID");
      }),
    );
    expect(codeOf(new TextEncoder().encode("PAR1 this is no model"))).toBe("MODEL_INVALID");
  });
});

const tail = { threshold: 1.5, share: 0.1, shape: 0.1, scale: 1 };
const columnErrors = {
  flows: 2,
  probabilities: [0, 1],
  errors: [
    [0, 1],
    [0, 1],
  ],
};
const { heldBack } = detector.thresholds;
/** Thresholds with all that they may hold. */
const allThresholds = { heldBack: { ...heldBack, tail }, youden: 1.5, columnErrors };

/** Those, each with one thing in them that cannot be. */
function thresholdsThatCannotBe(): string[] {
  return [
    { ...allThresholds, heldBack: { ...heldBack, tail: { ...tail, share: 1e10 } } },
    { ...allThresholds, heldBack: { ...heldBack, tail: { ...tail, share: 0 } } },
    { ...allThresholds, heldBack: { ...heldBack, tail: { ...tail, scale: -1 } } },
    { ...allThresholds, heldBack: { ...heldBack, tail: { ...tail, threshold: "1" } } },
    { ...allThresholds, heldBack: { ...heldBack, probabilities: [-0.5, 1] } },
    { ...allThresholds, heldBack: { ...heldBack, probabilities: [0, 1.5] } },
    { ...allThresholds, heldBack: { ...heldBack, flows: 0 } },
    { ...allThresholds, heldBack: { ...heldBack, flows: 2.5 } },
    { ...allThresholds, columnErrors: { ...columnErrors, probabilities: [0, 2] } },
    { ...allThresholds, columnErrors: { ...columnErrors, flows: -1 } },
    { ...allThresholds, columnErrors: { ...columnErrors, errors: [[0, 1]] } },
  ]
    .map((thresholds) => JSON.stringify(thresholds))
    .concat(
      // JSON has no infinity, but a number that is too large is read as one.
      JSON.stringify(allThresholds).replace('"flows":2', '"flows":1e999'),
      JSON.stringify(allThresholds).replace('"youden":1.5', '"youden":1e999'),
      JSON.stringify(allThresholds).replace('"threshold":1.5', '"threshold":1e999'),
    );
}

describe("a detector's metadata", () => {
  const withEntry = (key: string, value: string | undefined): Uint8Array => {
    const metadata = encodeDetectorMetadata(detector);
    if (value === undefined) metadata.delete(key);
    else metadata.set(key, value);
    return sealModel(encodeModel(model(metadata)));
  };

  test.each([
    ["oddflow.format", undefined, "MODEL_INVALID"],
    ["oddflow.format", "3", "MODEL_FORMAT_VERSION"],
    ["oddflow.spec", undefined, "MODEL_INVALID"],
    ["oddflow.spec", "{", "SPEC_INVALID"],
    ["oddflow.spec", '{"version":9}', "SPEC_VERSION"],
    ["oddflow.thresholds", undefined, "MODEL_INVALID"],
    ["oddflow.thresholds", "null", "MODEL_INVALID"],
    ["oddflow.thresholds", '{"heldBack":{"flows":1,"probabilities":[0,1],"scores":[2,1]}}', "MODEL_INVALID"],
    ["oddflow.training", "5", "MODEL_INVALID"],
  ])("%s = %s is refused", (key, value, code) => {
    expect(codeOf(withEntry(key, value))).toBe(code);
  });

  test.each(thresholdsThatCannotBe())("thresholds that cannot be are refused: %s", (json) => {
    expect(codeOf(withEntry("oddflow.thresholds", json))).toBe("MODEL_INVALID");
  });

  test("may hold all kinds of thresholds", () => {
    expect(codeOf(withEntry("oddflow.thresholds", JSON.stringify(allThresholds)))).toBe("accepted");
  });

  test("must fit the graph", () => {
    expect(codeOf(encodeDetector(model(new Map(), 3).graph, detector))).toBe("MODEL_INVALID");
  });
});

test("a constant whose shape does not hold its values is a bug, and said to be one", () => {
  expect(() => new GraphBuilder("g").floats([1, 2, 3], [2, 2])).toThrow("shape [2,2] got 3");
});
