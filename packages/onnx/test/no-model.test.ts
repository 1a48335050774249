import { deflateSync, gzipSync } from "node:zlib";
import { readModelSummary } from "@oddflow/onnx";
import { expect, test } from "vitest";

test.each<[string, string | Uint8Array]>([
  ["words", "hello there"],
  ["JSON", '{"a": 1}'],
  ["CSV with quotes", '"dur","sbytes"\n1,2\n'],
  ["CSV of numbers", "2,3\n4,5\n"],
  ["a page", "<!doctype html><p>404</p>"],
  ["Parquet", "PAR1 and more"],
  ["a packed file", gzipSync("a model")],
  ["another packed file", deflateSync("a model")],
  ["an archive", "PK\u0003\u0004 and more"],
  ["a picture", Uint8Array.of(0x89, 80, 78, 71, 13, 10, 26, 10)],
  ["HDF5", Uint8Array.of(0x89, 72, 68, 70, 13, 10, 26, 10)],
  ["zeros", new Uint8Array(100)],
])("%s: no ONNX file, and no field numbers of it", (_what, content) => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  expect(() => readModelSummary(bytes)).toThrow(
    /read model: it is no ONNX file; expected an ONNX file written/,
  );
});
