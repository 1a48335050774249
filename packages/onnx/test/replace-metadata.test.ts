import { encodeModel, GraphBuilder, readModelSummary, replaceMetadata } from "@oddflow/onnx";
import { OddflowError } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const texts = fc.dictionary(
  fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("a", "b", "c")),
  fc.string({ unit: "binary" }),
);
const maps = texts.map((entries) => new Map(Object.entries(entries)));

function model(metadata: ReadonlyMap<string, string>): Uint8Array {
  const graph = new GraphBuilder("g");
  const flows = graph.input("flows", "float32", ["batch", 2]);
  graph.node("Mul", [flows, graph.floats([1, 2], [2])], {}, "score");
  graph.output("score", "float32", ["batch", 2]);
  return encodeModel({ graph: graph.build(), opset: 17, producer: "oddflow", metadata });
}

/** The bytes of everything that is no metadata: a model's metadata comes last. */
const withoutMetadata = model(new Map());

describe("a model's metadata", () => {
  test("is replaced, other metadata and every byte of the graph kept", () => {
    fc.assert(
      fc.property(maps, maps, (old, entries) => {
        const before = model(old);
        const untouched = before.slice();
        const after = replaceMetadata(before, entries);
        expect(before).toEqual(untouched);
        expect(after.subarray(0, withoutMetadata.length)).toEqual(withoutMetadata);
        const summary = readModelSummary(after);
        expect(summary.metadata).toEqual(new Map([...old, ...entries]));
        expect(summary.graph).toEqual(readModelSummary(before).graph);
        // What was kept comes first, what was given last, so each key is there once.
        const kept = [...old].filter(([key]) => !entries.has(key));
        expect(after).toEqual(model(new Map([...kept, ...entries])));
      }),
    );
  });

  test("may stand anywhere, but not be there twice", () => {
    const entry = model(new Map([["a", "old"]])).subarray(withoutMetadata.length);
    const entries = new Map([["a", "new"]]);
    expect(replaceMetadata(Uint8Array.of(...entry, ...withoutMetadata), entries)).toEqual(model(entries));
    expect(() => replaceMetadata(Uint8Array.of(...entry, ...withoutMetadata, ...entry), entries)).toThrow(
      /its metadata has "a" twice/,
    );
  });

  test("goes where nothing is given in its place", () => {
    const bytes = model(new Map([["a", "b"]]));
    expect(replaceMetadata(bytes, new Map([["a", undefined]]))).toEqual(withoutMetadata);
  });

  test("is not written into what is no model", () => {
    const entries = new Map([["a", "b"]]);
    const codeOf = (bytes: Uint8Array): unknown => {
      try {
        return replaceMetadata(bytes, entries);
      } catch (error) {
        return error instanceof OddflowError ? error.code : error;
      }
    };
    const good = model(new Map([["a", "c"]]));
    for (let length = 0; length < withoutMetadata.length; length++) {
      expect([length, codeOf(good.subarray(0, length))]).toEqual([
        length,
        // A file that ends between two fields behind its graph is a model, only one without what followed.
        isWhole(good.subarray(0, length)) ? expect.any(Uint8Array) : "MODEL_INVALID",
      ]);
    }
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(codeOf(bytes)).toBe("MODEL_INVALID");
      }),
    );
  });
});

function isWhole(bytes: Uint8Array): boolean {
  try {
    readModelSummary(bytes);
    return true;
  } catch {
    return false;
  }
}
