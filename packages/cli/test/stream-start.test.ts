import type { ColumnSpec } from "@oddflow/preprocessing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openPipe } from "../src/pipe/open-pipe.ts";
import type { PipeReader } from "../src/pipe/pipe-reader.ts";
import { StreamStart } from "../src/pipe/stream-start.ts";

const column: ColumnSpec = { kind: "number", name: "n", median: 0, mean: 0, scale: 1, transform: "identity" };
const reader = (): PipeReader =>
  openPipe({ columns: [column], ownColumns: [column], context: undefined }, "all");

/** What is kept of a stream, as it is cut into pieces, and the form that its reader has then. */
function startOf(pieces: readonly Uint8Array[]): {
  readonly start: StreamStart;
  readonly form: string | undefined;
} {
  const own = reader();
  const start = new StreamStart();
  for (const piece of pieces) {
    const { count, problem } = own.read(piece);
    expect(problem).toBeUndefined();
    start.add(piece, own.lineForm, count > 0);
  }
  return { start, form: own.lineForm };
}

const EVENT = '{"event_type":"dns","timestamp":"2025-01-01T00:00:00Z","flow_id":1}\n';
const FLOW = '{"event_type":"flow","timestamp":"2025-01-01T00:00:00Z","flow_id":1,"n":2}\n';
/** A piece of so many lines, in two if the last one is cut. */
const piece = fc.record({ lines: fc.integer({ min: 1, max: 40 }), isCut: fc.boolean() });

test("events of a sensor before its first flow are not kept for another reader, which has the form all the same", () => {
  fc.assert(
    fc.property(fc.array(piece, { minLength: 5, maxLength: 60 }), (cuts) => {
      const pieces = [...cuts, { lines: 1, isCut: false }].flatMap(({ lines, isCut }, k) => {
        const bytes = Buffer.from((k === cuts.length ? FLOW : EVENT).repeat(lines));
        return isCut ? [bytes.subarray(0, -9), bytes.subarray(-9)] : [bytes];
      });
      const { start, form } = startOf(pieces);
      expect(start.isWhole).toBe(true);
      const kept = start.bytes;
      // The first that brought it to a form, and the flow.
      const first = cuts[0]?.lines ?? 0;
      expect(kept.toString()).toBe(EVENT.repeat(first) + FLOW);
      const other = reader();
      expect(other.read(kept).count).toBe(1);
      expect([other.lineForm, form]).toEqual(["JSON", "JSON"]);
    }),
    { numRuns: 50 },
  );
});

test("nothing is kept of a stream that comes to no form, however long it is", () => {
  const record = `${'{"n":1}'.padEnd(1 << 20)},`;
  const piece = new TextEncoder().encode(record);
  const { start } = startOf([new TextEncoder().encode("["), ...Array.from({ length: 40 }, () => piece)]);
  expect(start.isWhole).toBe(false);
  expect(start.bytes).toHaveLength(0);
});
