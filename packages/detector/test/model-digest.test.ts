import { encodeDetectorMetadata, parseDetectorMetadata } from "@oddflow/detector";
import {
  addSignature,
  encodeModel,
  modelDigest,
  readModelSummary,
  replaceMetadata,
  sealModel,
} from "@oddflow/onnx";
import { OddflowError } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { detector, detectorGraph, formerDetector, smallDetector } from "./small-detector.ts";

/** What a file scores by; the code where it is refused. */
function contents(bytes: Uint8Array): unknown {
  try {
    const summary = readModelSummary(bytes);
    return { ...parseDetectorMetadata(summary), graph: summary.graph, opset: summary.opset };
  } catch (error) {
    return error instanceof OddflowError ? error.code : error;
  }
}

const good = smallDetector((graph, flows) => graph.node("Add", [flows, graph.floats([0.25, -3])]));
const signed = addSignature(good, { keyId: "ab".repeat(32), signature: new Uint8Array(64).fill(7) });
const refusals = /^(MODEL|SPEC)_/;

describe.each([
  ["a file", good],
  ["a signed file", signed],
])("%s", (_, file) => {
  const whole = contents(file);

  test("with any one bit flipped is refused or scores as before", () => {
    expect(whole).toMatchObject(detector);
    let refused = 0;
    for (let bit = 0; bit < 8 * file.length; bit++) {
      const copy = file.slice();
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const found = contents(copy);
      if (typeof found === "string" && refusals.test(found)) refused++;
      else expect([bit, found]).toEqual([bit, whole]);
    }
    // All but what is not covered: a signature says nothing of the scores.
    expect(refused).toBeGreaterThan(8 * good.length - 20);
  });

  test("with bytes changed, added or taken out anywhere is refused or scores as before", () => {
    const places = fc.nat(file.length);
    fc.assert(
      fc.property(places, fc.nat(3), fc.uint8Array({ maxLength: 4 }), (at, removed, added) => {
        const changed = Uint8Array.of(...file.subarray(0, at), ...added, ...file.subarray(at + removed));
        const found = contents(changed);
        if (!(typeof found === "string" && refusals.test(found))) expect(found).toEqual(whole);
      }),
    );
  });
});

test("a format 2 file without its digest, or with another's, is refused", () => {
  expect(contents(replaceMetadata(good, new Map([["oddflow.digest", undefined]])))).toBe("MODEL_INVALID");
  const other = modelDigest(smallDetector());
  expect(contents(replaceMetadata(good, new Map([["oddflow.digest", other]])))).toBe("MODEL_INVALID");
});

test("a digest covers what other metadata says, in its order", () => {
  const entries = [...encodeDetectorMetadata(detector)];
  const model = (metadata: typeof entries): Uint8Array =>
    encodeModel({ graph: detectorGraph(), opset: 17, producer: "oddflow", metadata: new Map(metadata) });
  expect(modelDigest(model(entries))).not.toBe(modelDigest(model([...entries].reverse())));
  const sealed = sealModel(model(entries));
  expect(modelDigest(sealed)).toBe(modelDigest(model(entries)));
  expect(sealModel(sealed)).toEqual(sealed);
});

test("a digest is the same where the host has no crypto", () => {
  const { getBuiltinModule } = process;
  const digests = [modelDigest(good)];
  try {
    Object.defineProperty(process, "getBuiltinModule", { value: undefined, configurable: true });
    digests.push(modelDigest(good));
  } finally {
    Object.defineProperty(process, "getBuiltinModule", { value: getBuiltinModule, configurable: true });
  }
  expect(digests[1]).toBe(digests[0]);
});

test("a file that is sealed anew has lost its signature", () => {
  expect(readModelSummary(signed).metadata.has("oddflow.signature")).toBe(true);
  expect(sealModel(signed)).toEqual(good);
});

test("a file of a former release, which has no digest, is read", () => {
  expect(contents(formerDetector())).toMatchObject(detector);
  // As its graph was then.
  const graph = detectorGraph();
  const nodes = graph.nodes.filter(({ operator }) => operator === "Mul");
  const mean = {
    operator: "ReduceMean",
    inputs: ["column_error"],
    outputs: ["score"],
    attributes: { axes: [1], keepdims: 0 },
  };
  expect(contents(formerDetector({ ...graph, nodes: [...nodes, mean] }))).toMatchObject(detector);
});

test.each(["oddflow.format", "oddflow.digest", "oddflow.signature", "oddflow.spec"])(
  "a file with %s twice is refused",
  (key) => {
    const only = (bytes: Uint8Array): Uint8Array => {
      const others = new Map([...readModelSummary(bytes).metadata.keys()].map((name) => [name, undefined]));
      return replaceMetadata(bytes, others);
    };
    const graph = only(signed);
    const value = readModelSummary(signed).metadata.get(key) ?? "";
    const entry = replaceMetadata(graph, new Map([[key, value]])).subarray(graph.length);
    expect(contents(Uint8Array.of(...signed, ...entry))).toBe("MODEL_INVALID");
    expect(contents(Uint8Array.of(...entry, ...signed))).toBe("MODEL_INVALID");
  },
);
