import { encodeDetectorMetadata, parseDetectorMetadata } from "@oddflow/detector";
import { type Attribute, encodeModel, type Graph, GraphBuilder, readModelSummary } from "@oddflow/onnx";
import { OddflowError } from "@oddflow/preprocessing";
import { PbfReader, PbfWriter } from "pbf";
import { describe, expect, test } from "vitest";
import { type Body, detector, detectorGraph, formerDetector } from "./small-detector.ts";

/*
 * What a stranger may put into a model file. None of these graphs does anything when it runs: what is held is that they are
 * refused by what they are made of.
 */

/** Why a file is refused; "accepted" where it is not. */
function refusal(bytes: Uint8Array): string {
  try {
    parseDetectorMetadata(readModelSummary(bytes));
    return "accepted";
  } catch (error) {
    if (!(error instanceof OddflowError) || error.code !== "MODEL_INVALID") throw error;
    return error.message;
  }
}

const bodyRefusal = (body: Body): string => refusal(formerDetector(detectorGraph(body)));

/** A node between the flows and the score. */
const withNode = (operator: string, attributes: Readonly<Record<string, Attribute>> = {}): string =>
  bodyRefusal((graph, flows) => graph.node(operator, [flows], attributes));

/** The detector with a field more in its model, graph, first node or first constant (a path of field numbers). */
function withField(path: readonly number[], write: (pbf: PbfWriter) => void): Uint8Array {
  const added = new PbfWriter();
  write(added);
  const insert = (message: Uint8Array, [step, ...rest]: readonly number[]): Uint8Array => {
    if (step === undefined) return Uint8Array.of(...message, ...added.finish());
    const reader = new PbfReader(message);
    let isFound = false;
    const parts: Uint8Array[] = [];
    while (reader.pos < message.length) {
      const start = reader.pos;
      const key = reader.readVarint();
      if (key >> 3 === step && !isFound) {
        isFound = true;
        const inner = new PbfWriter();
        inner.writeBytesField(step, insert(reader.readBytes(), rest));
        parts.push(inner.finish());
      } else {
        reader.skip(key);
        parts.push(message.subarray(start, reader.pos));
      }
    }
    return Uint8Array.from(parts.flatMap((part) => [...part]));
  };
  return insert(formerDetector(), path);
}

const MODEL: readonly number[] = [];
const GRAPH = [7];
const NODE = [7, 1];
const CONSTANT = [7, 5];

test("the detector that the others are made of is accepted", () => {
  expect(refusal(formerDetector())).toBe("accepted");
  expect(withNode("Identity")).toBe("accepted");
});

describe("an operator that is not ours", () => {
  test.each([
    "Loop",
    "If",
    "Scan",
    "Range",
    "Expand",
    "Tile",
    "ConstantOfShape",
    "NonZero",
    "RandomNormal",
    "SequenceMap",
    "Constant",
    "Resize",
    "Softmax",
    "constructor",
    "__proto__",
    "gemm",
    "",
  ])("%s", (operator) => {
    expect(withNode(operator)).toContain(`an operator ${JSON.stringify(operator)}`);
  });

  test("in another domain, or of another operator set", () => {
    const domain = (pbf: PbfWriter): void => pbf.writeStringField(7, "com.microsoft");
    expect(refusal(withField(NODE, domain))).toContain('operators of "com.microsoft"');
    const model = {
      graph: detectorGraph(),
      opset: 13,
      producer: "x",
      metadata: encodeDetectorMetadata(detector).set("oddflow.format", "1"),
    };
    expect(refusal(encodeModel(model))).toContain("operator set 13");
  });

  test("with an attribute that ours never has, or a graph as one", () => {
    expect(withNode("Relu", { alpha: 1 })).toContain('an attribute "alpha"');
    expect(withNode("Relu", { constructor: 1 })).toContain('an attribute "constructor"');
    expect(withNode("Cast", { to: { float: 1 } })).toContain('an attribute "to"');
    expect(withNode("Identity", { body: new GraphBuilder("body").build() })).toContain(
      "attribute has a field 6",
    );
  });
});

describe("a part of ONNX that is not ours", () => {
  const empty =
    (field: number) =>
    (pbf: PbfWriter): void =>
      pbf.writeBytesField(field, new Uint8Array());
  test.each([
    ["functions", MODEL, 25],
    ["training", MODEL, 20],
    ["a sparse constant", GRAPH, 15],
    ["a quantisation", GRAPH, 14],
    ["a second graph", MODEL, 7],
    ["a field of no meaning", NODE, 99],
    ["weights as another field", CONSTANT, 4],
    ["weights of two fields", CONSTANT, 9],
  ])("%s", (_, path, field) => {
    expect(refusal(withField(path, empty(field)))).toMatch(
      /has (a field \d+ that Oddflow does not write|field \d+ twice)/,
    );
  });

  test("a constant whose bytes lie in another file, or beside", () => {
    expect(refusal(withField(CONSTANT, (pbf) => pbf.writeVarintField(14, 1)))).toContain("in another file");
    expect(refusal(withField(CONSTANT, empty(13)))).toContain("in another file");
    // A tensor as an attribute may do so, too.
    const attribute = (_: null, pbf: PbfWriter): void => {
      pbf.writeStringField(1, "value");
      pbf.writeBytesField(5, new Uint8Array());
      pbf.writeVarintField(20, 4);
    };
    expect(refusal(withField(NODE, (pbf) => pbf.writeMessage(5, attribute, null)))).toContain(
      "attribute has a field 5",
    );
  });
});

describe("a graph that would take more than its file says", () => {
  test("a value joined to itself again and again", () => {
    const doubled =
      (times: number): Body =>
      (graph, flows) => {
        let value = graph.node("Transpose", [flows], { perm: [1, 0] });
        for (let i = 0; i < times; i++) value = graph.node("Concat", [value, value], { axis: 0 });
        const rows = graph.node("Gather", [value, graph.integers([0, 1])], { axis: 0 });
        return graph.node("Transpose", [rows], { perm: [1, 0] });
      };
    expect(bodyRefusal(doubled(3))).toBe("accepted");
    expect(bodyRefusal(doubled(60))).toContain("computes more for a flow");
  });

  test("one matrix taken many times", () => {
    const body: Body = (graph, flows) => {
      const matrix = graph.floats([1, 0, 0, 1], [2, 2]);
      let value = flows;
      for (let i = 0; i < 10; i++) value = graph.node("Gemm", [value, matrix]);
      return value;
    };
    expect(bodyRefusal(body)).toContain("computes more for a flow");
  });

  test("flows against flows, and constants against constants", () => {
    const square: Body = (graph, flows) => {
      const column = graph.node("MatMul", [flows, graph.floats([1, 1], [2, 1])]);
      const all = graph.node("Add", [column, graph.node("Transpose", [column], { perm: [1, 0] })]);
      return graph.node("Mul", [flows, all]);
    };
    expect(bodyRefusal(square)).toContain("does not fit");
    const constants: Body = (graph, flows) => {
      const product = graph.node("Mul", [graph.floats([1, 2], [2, 1]), graph.floats([1, 2], [1, 2])]);
      return graph.node("Gemm", [flows, product]);
    };
    expect(bodyRefusal(constants)).toContain("does not fit");
  });
});

describe("a graph that contradicts itself", () => {
  const build = (change: (graph: Graph) => Graph): string => refusal(formerDetector(change(detectorGraph())));

  test("a row that is not there", () => {
    const gathered = (row: number): string =>
      bodyRefusal((graph, flows) => {
        const rows = graph.node("Transpose", [flows], { perm: [1, 0] });
        const two = graph.node("Gather", [rows, graph.integers([row, 0])], { axis: 0 });
        return graph.node("Transpose", [two], { perm: [1, 0] });
      });
    expect(gathered(1)).toBe("accepted");
    expect(gathered(2)).toContain("does not fit");
    expect(gathered(-1)).toContain("does not fit");
  });

  test("a constant that its bytes do not fill", () => {
    const shape = (sizes: number[]): string =>
      build((graph) => ({
        ...graph,
        initializers: graph.initializers.map((each, i) => (i === 0 ? { ...each, shape: sizes } : each)),
      }));
    expect(shape([2, 1])).toBe("accepted");
    for (const sizes of [
      [2, 2],
      [2 ** 30, 2 ** 30],
      [0, 2],
      [-2, -1],
      [2 ** 53, 2],
    ]) {
      expect(shape(sizes)).toMatch(/its constant|too large/);
    }
  });

  test("a score of another size than one a flow", () => {
    const score: Body = (graph, flows) =>
      graph.node("MatMul", [flows, graph.floats([1, 1], [2, 1])], {}, "sum");
    const outputs = (from: string): string =>
      build((graph) => ({
        ...graph,
        nodes: [
          ...graph.nodes.slice(0, -1),
          { operator: "Identity", inputs: [from], outputs: ["score"], attributes: {} },
        ],
      }));
    expect(bodyRefusal(score)).toContain("does not fit");
    expect(outputs("column_error")).toContain('its output "score" is [batch, 2], expected [batch]');
  });

  test("values that are not there or given twice, and inputs that are not ours", () => {
    expect(bodyRefusal((graph) => graph.node("Relu", ["nothing"]))).toContain(
      'a value "nothing" that is not there',
    );
    expect(bodyRefusal((graph, flows) => graph.node("Relu", [flows], {}, "flows"))).toContain(
      'the value "flows" twice',
    );
    expect(
      bodyRefusal((graph, flows) => {
        graph.input("more", "float32", ["batch"]);
        return flows;
      }),
    ).toContain("2 inputs");
  });
});
