import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { balanceSpans, cutSpans, type RowGroupSpan } from "../src/index.ts";

const lakes = fc.record({
  files: fc
    .array(fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 6 }), { minLength: 1, maxLength: 12 })
    .filter((files) => files.flat().some((rows) => rows > 0)),
  shards: fc.integer({ min: 1, max: 30 }),
});

/** Every row group of spans, as file and place. */
function groupsOf(spans: readonly RowGroupSpan[]): [number, number][] {
  return spans.flatMap(({ file, firstGroup, groups }) =>
    Array.from({ length: groups }, (_, k): [number, number] => [file, firstGroup + k]),
  );
}

describe("row groups of a lake, shared out among shards", () => {
  test("are each in one shard, in their order, and shards are as large as row groups let them be", () => {
    fc.assert(
      fc.property(lakes, ({ files, shards }) => {
        const balanced = balanceSpans(files, shards);
        expect(balanced).toHaveLength(shards);
        const all = files.flatMap((groups, file) => groups.map((rows, group) => ({ file, group, rows })));
        const shared = balanced.flatMap(groupsOf).filter(([file, group]) => files[file]?.[group] !== 0);
        expect(shared).toEqual(all.filter(({ rows }) => rows > 0).map(({ file, group }) => [file, group]));
        const total = all.reduce((sum, { rows }) => sum + rows, 0);
        const largest = Math.max(...all.map(({ rows }) => rows));
        for (const spans of balanced) {
          const rows = groupsOf(spans).reduce((sum, [file, group]) => sum + (files[file]?.[group] ?? 0), 0);
          expect(rows).toBeLessThanOrEqual(total / shards + largest);
        }
      }),
    );
  });

  test("are cut into ranges that have every row of them once", () => {
    fc.assert(
      fc.property(lakes, fc.integer({ min: 1, max: 8 }), ({ files, shards }, workers) => {
        for (const spans of balanceSpans(files, shards)) {
          const expected = spans.map(({ file, firstGroup, groups }) => {
            const sum = (rows: readonly number[]): number => rows.reduce((all, own) => all + own, 0);
            const before = sum((files[file] ?? []).slice(0, firstGroup));
            return [file, before, before + sum((files[file] ?? []).slice(firstGroup, firstGroup + groups))];
          });
          const found: [number, number, number][] = [];
          for (const { file, first, rows, rowGroups } of cutSpans(files, spans, workers)) {
            expect(rowGroups.reduce((sum, own) => sum + own, 0)).toBe(rows);
            const last = found.at(-1);
            if (last?.[0] === file && last[2] === first) last[2] += rows;
            else found.push([file, first, first + rows]);
          }
          expect(found).toEqual(expected);
        }
      }),
    );
  });
});
