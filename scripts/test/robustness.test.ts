import fc from "fast-check";
import { expect, test } from "vitest";
import { mutateBytes } from "../robustness/byte-mutations.ts";
import { choicesFor } from "../robustness/seeded-choices.ts";
import { mutateText } from "../robustness/text-mutations.ts";

test("the same seed and number damage alike, others otherwise", () => {
  const text = Buffer.from("a,b,c\n1,2,3\n4,5,6\n".repeat(50));
  for (const mutate of [mutateBytes, mutateText]) {
    const damaged = (seed: number, number: number): string =>
      mutate(text, choicesFor(seed, "csv", number)).toString("latin1");
    expect(damaged(1, 7)).toBe(damaged(1, 7));
    const all = Array.from({ length: 50 }, (_, number) => damaged(1, number));
    expect(new Set(all).size).toBeGreaterThan(40);
    expect(damaged(2, 7)).not.toBe(damaged(1, 7));
  }
});

test("whatever is given is left as it was, however short", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(), (bytes, number) => {
      const before = Buffer.from(bytes);
      for (const mutate of [mutateBytes, mutateText]) mutate(bytes, choicesFor(1, "bytes", number));
      expect(Buffer.from(bytes)).toEqual(before);
    }),
  );
});
