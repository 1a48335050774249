import { readFileSync } from "node:fs";
import { ContextEncoder, type ContextSpec, contextColumns } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KeyHash } from "../src/context/key-hash.ts";
import { countedByHand, type SmallFlow } from "./counted-by-hand.ts";

const SPEC: ContextSpec = {
  windows: [60, 600],
  time: "ts",
  source: ["src4", "src6"],
  destination: ["dst"],
  port: "port",
  protocol: "proto",
  bytes: ["sent", "received"],
  packets: ["packets"],
  failed: { column: "state", values: ["S0"] },
  network: "site",
};

const KEY = [1, 2] as const;

const record = fc.record({
  ts: fc.nat(2000).map((second) => 1_700_000_000 + second / 2),
  host: fc.nat(2),
  isSix: fc.boolean(),
  dst: fc.nat(2),
  port: fc.nat(1),
  sent: fc.nat(500),
  packets: fc.nat(9),
  failed: fc.boolean(),
});

type Chosen = typeof record extends fc.Arbitrary<infer Value> ? Value : never;

function asRecord({ ts, host, isSix, dst, port, sent, packets, failed }: Chosen): Record<string, unknown> {
  return {
    ts,
    src4: isSix ? "-" : `10.0.0.${host}`,
    src6: isSix ? `fe80::${host}` : null,
    dst: `10.1.0.${dst}`,
    port: 80 + port,
    proto: "tcp",
    sent,
    received: "-",
    packets: String(packets),
    state: failed ? "S0" : "SF",
    site: "a",
  };
}

function asSmall({ ts, host, isSix, dst, port, sent, packets, failed }: Chosen): SmallFlow {
  return {
    time: ts,
    source: host + (isSix ? 10 : 0),
    destination: dst,
    port,
    bytes: sent,
    packets,
    failed,
  };
}

function encodeAll(encoder: ContextEncoder, records: readonly Record<string, unknown>[]): number[][] {
  const row = new Float32Array(encoder.width);
  return records.map((each) => {
    expect(encoder.encodeRecord(each, row, 0)).toBeUndefined();
    return [...row];
  });
}

const sorted = fc
  .array(record, { maxLength: 120 })
  .map((all) => all.toSorted((one, other) => one.ts - other.ts));

test("records have the context that counting by hand gives, and what was saved at any point goes on as if it had not been", () => {
  fc.assert(
    fc.property(fc.oneof(sorted, fc.array(record, { maxLength: 120 })), fc.nat(120), (chosen, at) => {
      const records = chosen.map(asRecord);
      const expected = countedByHand(SPEC, chosen.map(asSmall)).map((row) => row.map(Math.fround));
      expect(encodeAll(ContextEncoder.begin(SPEC, KEY), records)).toEqual(expected);
      const before = ContextEncoder.begin(SPEC, [3, 4]);
      const head = encodeAll(before, records.slice(0, at));
      const after = ContextEncoder.restore(SPEC, before.save());
      expect(after.counts).toEqual(before.counts);
      expect([...head, ...encodeAll(after, records.slice(at))]).toEqual(expected);
      expect(after.save()).toEqual(encodeAndSave(before, records.slice(at)));
    }),
    { numRuns: 60 },
  );
});

function encodeAndSave(encoder: ContextEncoder, records: readonly Record<string, unknown>[]): Uint8Array {
  encodeAll(encoder, records);
  return encoder.save();
}

const RECORD = asRecord({
  ts: 1_700_000_000,
  host: 1,
  isSix: false,
  dst: 1,
  port: 1,
  sent: 5,
  packets: 1,
  failed: false,
});

test("times are numbers since 1970 of any unit, and texts", () => {
  const encoder = ContextEncoder.begin(SPEC, KEY);
  const times = [
    1_700_000_000,
    1_700_000_001_000,
    1_700_000_002_000_000n,
    "2023-11-14T22:13:23Z",
    "1700000004",
  ];
  const rows = encodeAll(
    encoder,
    times.map((ts) => ({ ...RECORD, ts })),
  );
  const since = contextColumns(SPEC).findIndex(({ measure }) => measure === "since");
  expect(rows.map((row) => row[since])).toEqual([600, 1, 1, 1, 1]);
});

test("what is missing leaves a flow without context; what cannot be read is refused, and counted nowhere", () => {
  const encoder = ContextEncoder.begin(SPEC, KEY);
  const row = new Float32Array(encoder.width);
  for (const missing of [
    { ts: null },
    { src4: "-" },
    { dst: "" },
    { dst: undefined },
    { ts: "-" },
    { ts: 0 },
  ]) {
    expect(encoder.encodeRecord({ ...RECORD, ...missing }, row, 0)).toBeUndefined();
    expect(row.every(Number.isNaN)).toBe(true);
    expect(encoder.isPlaced).toBe(false);
  }
  expect(encoder.counts.unplaced).toBe(6);
  for (const [wrong, column] of [
    [{ ts: "yesterday" }, "ts"],
    [{ sent: "many" }, "sent"],
    [{ dst: ["10.0.0.1"] }, "dst"],
  ] as const) {
    expect(encoder.encodeRecord({ ...RECORD, ...wrong }, row, 0)).toMatchObject({ column });
  }
  expect(encodeAll(encoder, [RECORD])[0]?.[0]).toBe(0);
  expect(encoder.isPlaced).toBe(true);
});

describe("a saved context that cannot be used is refused", () => {
  const encoder = ContextEncoder.begin(SPEC, KEY);
  encodeAll(encoder, [RECORD]);
  const saved = encoder.save();
  const changed = (at: number): Uint8Array => saved.with(at, (saved[at] ?? 0) ^ 1);
  test.each<[string, Uint8Array, ContextSpec]>([
    ["nothing", new Uint8Array(), SPEC],
    ["something else", new Uint8Array(100).fill(7), SPEC],
    ["another version", changed(4), SPEC],
    ["one that is cut short", saved.slice(0, -1), SPEC],
    ["one with a wrong byte", changed(saved.length - 3), SPEC],
    ["that of another context", saved, { ...SPEC, windows: [60] }],
  ])("%s", (_, bytes, spec) => {
    expect(() => ContextEncoder.restore(spec, bytes)).toThrow(
      expect.objectContaining({ code: "CONTEXT_INVALID" }),
    );
  });
});

test("keys are those of HalfSipHash-2-4's reference implementation", () => {
  // vectors.h of github.com/veorq/SipHash: the key is 0, 1, ... 7, and the input of n bytes 0, 1, ... n - 1.
  const expected = [
    "218d1f59b9b83cc8",
    "be552412f8387315",
    "064f39ef7c50eb57",
    "ce0f1a45f7060679",
    "d5e78a175be52ea1",
    "cb9d7c3f2f3db580",
    "ce3e91358aa2bc25",
  ];
  const hash = new KeyHash([0x03020100, 0x07060504]);
  const input = Uint8Array.from({ length: 8 }, (_, i) => i);
  const keys = expected.map((_, length) => {
    hash.ofBytes(input, length);
    return Buffer.from(Uint32Array.of(hash.low, hash.high).buffer).toString("hex");
  });
  expect(keys).toEqual(expected);
});

test("texts have one key only where they are the same, one by one", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary", maxLength: 40 }), { maxLength: 3 }), (texts) => {
      const hash = new KeyHash([5, 6]);
      const keyOf = (list: readonly string[]): string => {
        hash.ofTexts(...list);
        return `${hash.low} ${hash.high}`;
      };
      expect(keyOf(texts)).toBe(keyOf([...texts]));
      expect(keyOf([...texts, ""])).not.toBe(keyOf(texts));
      if (texts.length > 1) expect(keyOf([texts.join("")])).not.toBe(keyOf(texts));
    }),
  );
});

test("pandas counts the same context for a table", () => {
  const golden = new URL("../../../fixtures/golden/context.json", import.meta.url);
  const { flows, context }: { flows: Record<string, unknown>[]; context: (number[] | null)[] } = JSON.parse(
    readFileSync(golden, "utf8"),
  );
  const spec: ContextSpec = {
    windows: [60, 600],
    time: "ts",
    source: ["src"],
    destination: ["dst"],
    port: "port",
    protocol: "proto",
    bytes: ["sent", "received"],
    packets: ["packets"],
    failed: { unanswered: "received" },
    network: "site",
  };
  const encoder = ContextEncoder.begin(spec, KEY);
  const row = new Float32Array(encoder.width);
  const inTime = [...flows.keys()].sort(
    (a, b) => Number(flows[a]?.["ts"]) - Number(flows[b]?.["ts"]) || a - b,
  );
  for (const place of inTime) {
    encoder.encodeRecord(flows[place] ?? {}, row, 0);
    const expected = context[place] ?? contextColumns(spec).map(() => Number.NaN);
    // Of the columns only the regularity is rounded by both.
    expect(
      [...row].map((value) => Number(value.toPrecision(6))),
      `row ${place}`,
    ).toEqual(expected.map((value) => Number(Math.fround(value).toPrecision(6))));
  }
});
