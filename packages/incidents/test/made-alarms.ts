import fc from "fast-check";
import type { Alarm } from "../src/index.ts";

const COLUMNS = ["dur", "sbytes", "state", "context.source.60s.flows", "proto"];

/** Alarms of few hosts, times and columns, so that many belong together. */
export const madeAlarm: fc.Arbitrary<Alarm> = fc.record({
  host: fc.constantFrom("10.0.0.1", "10.0.0.2"),
  network: fc.constantFrom(null, "a"),
  time: fc.integer({ min: 1_767_225_600, max: 1_767_225_700 }),
  score: fc.integer({ min: 1, max: 4 }),
  probability: fc.constantFrom(0.01, 0.001, 1e-9, 0),
  columns: fc.shuffledSubarray(COLUMNS, { minLength: 1, maxLength: 4 }),
  reasons: fc.array(
    fc.record({
      column: fc.constantFrom(...COLUMNS),
      error: fc.integer({ min: 0, max: 3 }),
      text: fc.constantFrom("dur 3 s", "sbytes 4 M", 'state "REQ"'),
    }),
    { maxLength: 2 },
  ),
  rule: fc.constantFrom(null, null, "mail"),
  flow: fc.record({
    source: fc.constantFrom("10.0.0.1", null),
    sourcePort: fc.constant("40000"),
    destination: fc.constantFrom("192.0.2.1", "192.0.2.2", null),
    port: fc.constantFrom("22", "443"),
    protocol: fc.constantFrom("tcp", null),
    id: fc.constantFrom("C1", "C2", null),
    row: fc.constant(null),
  }),
});
