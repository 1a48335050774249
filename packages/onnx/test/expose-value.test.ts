import { encodeModel, exposeValue, GraphBuilder, readModelSummary } from "@oddflow/onnx";
import { describe, expect, test } from "vitest";

function model(padding = 0): Uint8Array {
  const graph = new GraphBuilder("g");
  const flows = graph.input("flows", "float32", ["batch", 2]);
  const half = graph.node("Mul", [flows, graph.floats([0.5, 0.5])], {}, "halves");
  graph.node("Add", [half, graph.floats(new Array<number>(padding * 2).fill(1), [padding * 2])], {}, "score");
  graph.output("score", "float32", ["batch", 2]);
  return encodeModel({ graph: graph.build(), opset: 17, producer: "test", metadata: new Map([["k", "v"]]) });
}

describe("a value inside a graph", () => {
  // The last one makes the length of the graph a byte longer.
  test.each([1, 7, 60, 2000])("becomes an output, and nothing else changes (%i)", (padding) => {
    const before = model(padding);
    const copy = before.slice();
    const exposed = exposeValue(before, "halves", ["batch", 2]);
    expect(before).toEqual(copy);
    const { metadata, graph } = readModelSummary(before);
    expect(readModelSummary(exposed)).toMatchObject({
      metadata,
      graph: {
        ...graph,
        outputs: [...graph.outputs, { name: "halves", elementType: 1, shape: ["batch", 2] }],
      },
    });
    expect(exposeValue(exposed, "halves", ["batch", 2])).toEqual(exposed);
  });

  test("that is not there, and bytes that are no model, are refused", () => {
    const refusal = expect.objectContaining({ code: "MODEL_INVALID" });
    expect(() => exposeValue(model(1), "quarters", ["batch", 2])).toThrow(refusal);
    expect(() => exposeValue(model(1), "flows", ["batch", 2])).toThrow(refusal);
    const whole = model(1);
    for (let length = 0; length < whole.length; length += 7) {
      // Cut between two fields, what is left may be a model that lost its metadata.
      try {
        expect(readModelSummary(exposeValue(whole.subarray(0, length), "halves", [2])).nodes).toBe(2);
      } catch (error) {
        expect(error).toEqual(refusal);
      }
    }
  });
});
