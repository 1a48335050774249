import fc from "fast-check";
import { expect, test } from "vitest";
import { SlotTable } from "../src/context/slot-table.ts";

test("a key has one slot and keeps its counters until it is freed, whichever others come and go", () => {
  const halves = fc.oneof(fc.nat(40), fc.constantFrom(2 ** 31, 2 ** 32 - 1), fc.nat(2 ** 32 - 1));
  const keys = fc.uniqueArray(fc.tuple(halves, halves), { minLength: 1, maxLength: 300, selector: String });
  // Where slots take nearly all bits of an entry, there is no room for how far it stands from its home.
  const rooms = fc.constantFrom(300, 2 ** 21, 2 ** 30 - 1);
  fc.assert(
    fc.property(keys, fc.array(fc.nat(299), { maxLength: 1500 }), rooms, (all, turns, mostSlots) => {
      const table = new SlotTable(3, mostSlots);
      const counted = new Map<number, { readonly slot: number; count: number }>();
      for (const [turn, drawn] of turns.entries()) {
        const which = drawn % all.length;
        const [low, high] = all[which] as [number, number];
        const slot = table.take(low, high);
        const at = slot * table.stride + 2;
        const known = counted.get(which);
        if (known === undefined) expect([...counted.values()].map((each) => each.slot)).not.toContain(slot);
        else expect(slot).toBe(known.slot);
        expect(table.words[at]).toBe(known?.count ?? 0);
        if (known !== undefined && turn % 3 === 0) {
          table.words[at] = 0;
          table.free(slot);
          counted.delete(which);
        } else {
          const count = (known?.count ?? 0) + 1;
          table.words[at] = count;
          counted.set(which, { slot, count });
        }
      }
    }),
    { numRuns: 60 },
  );
});
