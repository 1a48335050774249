import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeText, TextDecoding } from "../src/index.ts";

/** The text of bytes that come in pieces. */
function inPieces(bytes: Uint8Array, places: readonly number[]): { text: string; isMended: boolean } {
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const decoding = new TextDecoding();
  const texts = [0, ...cuts].map((from, i) => decoding.decode(bytes.slice(from, cuts[i] ?? bytes.length)));
  return { text: texts.join("") + decoding.decode(), isMended: decoding.isMended };
}

describe("bytes to text", () => {
  test("UTF-8 is itself, wherever it is cut, without its mark", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.array(fc.nat()), (text, places) => {
        const whole = text.replace(/^\ufeff/, "");
        expect(inPieces(new TextEncoder().encode(text), places)).toEqual({ text: whole, isMended: false });
      }),
    );
  });

  test("any bytes are the same text wherever they are cut", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.nat()), (bytes, places) => {
        expect(inPieces(bytes, places).text).toBe(decodeText(bytes).replace(/^\ufeff/, ""));
      }),
    );
  });

  test("a byte that is no UTF-8 is its letter in Windows-1252", () => {
    const bytes = Uint8Array.of(0x57, 0x20, 0x96, 0x20, 0xc3, 0xa9, 0xe9);
    expect(inPieces(bytes, [3, 5])).toEqual({ text: "W – éé", isMended: true });
  });
});
