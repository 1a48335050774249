import { compressionsAlgorithms } from "@platformatic/kafka";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addCompressions } from "../src/compressions.ts";

const { snappy, zstd } = compressionsAlgorithms;
addCompressions();

/** As snappy-java writes it: its magic and versions, then blocks with their length before them, big end first. */
function framed(blocks: readonly Buffer[]): Buffer {
  const head = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
  const parts = blocks.flatMap((block) => {
    const compressed = snappy.compressSync(block);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(compressed.length);
    return [length, compressed];
  });
  return Buffer.concat([head, ...parts]);
}

test("snappy is read in snappy-java's frames and without them", () => {
  const blocks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)));
  fc.assert(
    fc.property(blocks, (some) => {
      const whole = Buffer.concat(some);
      expect(snappy.decompressSync(framed(some)).equals(whole)).toBe(true);
      expect(snappy.decompressSync(snappy.compressSync(whole)).equals(whole)).toBe(true);
    }),
  );
});

test("zstd is read in every Node", () => {
  // zstd's own frame of five letters, 200 times.
  const compressed = Buffer.from("KLUv/WDoAmUAAChmbG93LAEA4FEVLQ==", "base64");
  expect(zstd.decompressSync(compressed).toString()).toBe("flow,".repeat(200));
});
