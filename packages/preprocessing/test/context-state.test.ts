import { type ContextSpec, ContextState, contextColumns, PackedContextFlows } from "@oddflow/preprocessing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { asContextFlow, countedByHand, type SmallFlow } from "./counted-by-hand.ts";

const SPEC: ContextSpec = {
  windows: [6, 20],
  time: "ts",
  source: ["from"],
  destination: ["to"],
  port: "port",
  bytes: ["bytes"],
  packets: ["packets"],
  failed: { unanswered: "answered" },
  calendar: true,
};

/** Steps of time between flows, in milliseconds; some go back, and many flows share a time. */
const STEPS = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 0, 500, 500, 1000) },
  // Often whole windows, whose very end is where mistakes are.
  { weight: 3, arbitrary: fc.constantFrom(1500, 2000, 3000, 6000, 14_000, 20_000) },
  { weight: 2, arbitrary: fc.integer({ min: -30, max: 0 }).map((halves) => halves * 500) },
  { weight: 1, arbitrary: fc.integer({ min: -60_000, max: 40_000 }) },
);

const smallFlow = fc.record({
  step: STEPS,
  source: fc.nat(3),
  destination: fc.nat(3),
  port: fc.nat(2),
  bytes: fc.nat(5000),
  packets: fc.nat(9),
  failed: fc.boolean(),
});

function flowsOf(steps: readonly (Omit<SmallFlow, "time"> & { readonly step: number })[]): SmallFlow[] {
  let time = 1_500_000_000_000;
  return steps.map(({ step, ...flow }) => {
    time += step;
    return { ...flow, time: time / 1000 };
  });
}

function contextOf(state: ContextState, flows: readonly SmallFlow[]): number[][] {
  const row = new Float32Array(state.width);
  return flows.map((flow) => {
    state.add(asContextFlow(flow), row, 0);
    return [...row];
  });
}

const float32 = (rows: readonly (readonly number[])[]): number[][] => rows.map((row) => row.map(Math.fround));

test("every flow has the context that counting all flows before it gives, in whatever order they come", () => {
  fc.assert(
    fc.property(fc.array(smallFlow, { maxLength: 150 }), (steps) => {
      const flows = flowsOf(steps);
      expect(contextOf(new ContextState(SPEC), flows)).toEqual(float32(countedByHand(SPEC, flows)));
    }),
    { numRuns: 300 },
  );
});

test("a spec without ports, bytes, packets or failures has the columns that are left", () => {
  const { windows, time, source, destination } = SPEC;
  const bare: ContextSpec = { windows, time, source, destination, bytes: [], packets: [] };
  expect(contextColumns(bare).map(({ name }) => name)).toEqual([
    "context.source.6s.flows",
    "context.source.6s.peers",
    "context.source.20s.flows",
    "context.source.20s.peers",
    "context.destination.6s.flows",
    "context.destination.6s.peers",
    "context.destination.20s.flows",
    "context.destination.20s.peers",
    "context.pair.6s.flows",
    "context.pair.20s.flows",
    "context.pair.since",
    "context.pair.20s.regularity",
  ]);
  fc.assert(
    fc.property(fc.array(smallFlow, { maxLength: 60 }), (steps) => {
      const flows = flowsOf(steps);
      expect(contextOf(new ContextState(bare), flows)).toEqual(float32(countedByHand(bare, flows)));
    }),
    { numRuns: 50 },
  );
});

test("flows without a time have no context, and are in none", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(smallFlow, fc.boolean()), { maxLength: 60 }), (steps) => {
      const flows = flowsOf(steps.map(([step]) => step));
      const some = flows.map((flow, i) => (steps[i]?.[1] ? { ...flow, time: Number.NaN } : flow));
      const state = new ContextState(SPEC);
      expect(contextOf(state, some)).toEqual(float32(countedByHand(SPEC, some)));
      expect(state.counts.unplaced).toBe(some.filter(({ time }) => Number.isNaN(time)).length);
    }),
    { numRuns: 50 },
  );
});

test("flows in the order of their times see no more than the last of them that there is room for", () => {
  const room = 16;
  const inTime = smallFlow.map((flow) => ({ ...flow, step: Math.abs(flow.step) % 1500 }));
  fc.assert(
    fc.property(fc.array(inTime, { maxLength: 120 }), (steps) => {
      const flows = flowsOf(steps);
      const expected = flows.map(
        (_, i) => countedByHand(SPEC, flows.slice(Math.max(0, i - room + 1), i + 1)).at(-1) ?? [],
      );
      const state = new ContextState(SPEC, room);
      expect(contextOf(state, flows)).toEqual(float32(expected));
    }),
    { numRuns: 50 },
  );
});

test("a state that is full goes on with flows in any order, and says how many it let go", () => {
  const room = 8;
  fc.assert(
    fc.property(fc.array(smallFlow, { minLength: 100, maxLength: 200 }), (steps) => {
      const flows = flowsOf(steps);
      const state = new ContextState(SPEC, room);
      const names = contextColumns(SPEC).map(({ name }) => name);
      const rows = contextOf(state, flows);
      const byHand = countedByHand(SPEC, flows);
      const beyond = rows.flatMap((row, i) =>
        names.filter((name, k) => {
          if (!/flows|peers|ports|bytes|packets/.test(name)) return false;
          const most = /bytes|packets/.test(name) ? Number.POSITIVE_INFINITY : room - 1;
          const value = row[k] ?? Number.NaN;
          return !(value >= 0 && value <= Math.min(most, byHand[i]?.[k] ?? 0));
        }),
      );
      expect(beyond).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

test("a clock that is set back is told by flows in a row, and all begins anew", () => {
  const flow = { source: 1, destination: 2, port: 1, bytes: 10, packets: 1, failed: false };
  const flows = Array.from({ length: 300 }, (_, i) => ({ ...flow, time: i < 50 ? 1e9 + i : 5e8 + i }));
  const state = new ContextState(SPEC);
  expect(contextOf(state, flows)).toEqual(float32(countedByHand(SPEC, flows)));
  expect(state.counts).toEqual({ evicted: 0, tooLate: 100, restarts: 1, unplaced: 0 });
});

test("packed flows are counted as flows that come one by one", () => {
  // So many in a window that their counters are read before they are needed; some come late, and some leave.
  const flows = flowsOf(
    fc.sample(smallFlow, { numRuns: 500, seed: 1 }).flatMap((flow, k) =>
      Array.from({ length: 40 }, (_, i) => ({
        ...flow,
        step: i === 0 ? 30 : i === 20 && k % 5 === 0 ? -400 : i === 21 && k % 5 === 0 ? 400 : 0,
        source: flow.source + ((i * k) % 60),
        destination: flow.destination + ((i * k) % 90),
      })),
    ),
  );
  const packed = new PackedContextFlows();
  for (const [i, flow] of flows.entries()) packed.set(i, asContextFlow(flow));
  const [state, alone] = [new ContextState(SPEC), new ContextState(SPEC)];
  const rows = new Float32Array(flows.length * state.width);
  state.addAll(packed, flows.length, rows);
  const expected = new Float32Array(rows.length);
  for (const [i, flow] of flows.entries()) alone.add(asContextFlow(flow), expected, i * state.width);
  expect(Buffer.from(rows.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
  expect(state.save().flows.time.length).toBeGreaterThan(8192);
});
