import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { balanceSpans, cutSpans, type RowGroupSpan } from "../src/index.ts";

/** Some files are small. */
const rowCounts = fc.oneof(fc.integer({ min: 0, max: 300_000 }), fc.integer({ min: 0, max: 2000 }));

const lakes = fc.record({
  files: fc
    .array(fc.array(rowCounts, { maxLength: 6 }), { minLength: 1, maxLength: 12 })
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

  test("are cut into ranges that have every row of them once, small files of one form together", () => {
    const sum = (rows: readonly number[]): number => rows.reduce((all, own) => all + own, 0);
    fc.assert(
      fc.property(
        lakes,
        fc.integer({ min: 1, max: 8 }),
        fc.infiniteStream(fc.integer({ max: 1, min: 0 })),
        ({ files, shards }, workers, forms) => {
          const known = files.map((rowGroups) => ({ rowGroups, form: forms.next().value }));
          for (const spans of balanceSpans(files, shards)) {
            const expected = spans.map(({ file, firstGroup, groups }) => {
              const before = sum((files[file] ?? []).slice(0, firstGroup));
              return [file, before, before + sum((files[file] ?? []).slice(firstGroup, firstGroup + groups))];
            });
            const found: [number, number, number][] = [];
            for (const range of cutSpans(known, spans, workers)) {
              const { file, files: several = 1, first, rows, rowGroups } = range;
              expect(sum(rowGroups)).toBe(rows);
              if (several > 1) {
                const whole = files.slice(file, file + several);
                expect([first, rows]).toEqual([0, sum(whole.flat())]);
                expect(new Set(known.slice(file, file + several).map(({ form }) => form)).size).toBe(1);
                for (const [k, own] of whole.entries()) found.push([file + k, 0, sum(own)]);
                continue;
              }
              const last = found.at(-1);
              if (last?.[0] === file && last[2] === first) last[2] += rows;
              else found.push([file, first, first + rows]);
            }
            expect(found).toEqual(expected);
          }
        },
      ),
    );
  });
});
