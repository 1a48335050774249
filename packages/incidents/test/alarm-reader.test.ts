import { describe, expect, test } from "vitest";
import { alarmReader } from "../src/index.ts";

const FLOW = {
  ts: "2026-01-01 00:00:00",
  uid: "C1",
  "id.orig_h": "10.0.0.1",
  "id.orig_p": 40000,
  "id.resp_h": "192.0.2.1",
  "id.resp_p": 23n,
  proto: "tcp",
  net: "lab",
  score: 4,
  is_anomaly: true,
  probability: 0.001,
  top_columns: ["history", "proto"],
  reasons: [{ name: "history", share: 0.5, text: 'history "S"' }],
};

type Flow = Readonly<Record<string, unknown>>;

function read(flow: Flow, columns: Partial<Parameters<typeof alarmReader>[1]> = {}) {
  const reader = alarmReader(Object.keys(flow), { entity: "source", ...columns });
  return reader.read((place) => flow[reader.columns[place] as string], 1);
}

describe("an alarm that is read of a scored flow", () => {
  test("has all that the flow says", () => {
    expect(read(FLOW, { network: "net" })).toEqual({
      time: 1_767_225_600,
      lacks: undefined,
      alarm: {
        host: "10.0.0.1",
        network: "lab",
        time: 1_767_225_600,
        score: 4,
        probability: 0.001,
        columns: ["history", "proto"],
        reasons: [{ column: "history", error: 2, text: 'history "S"' }],
        rule: null,
        flow: {
          source: "10.0.0.1",
          sourcePort: "40000",
          destination: "192.0.2.1",
          port: "23",
          protocol: "tcp",
          id: "C1",
          row: 1,
        },
      },
    });
  });

  test("is the same whatever the flow is written in", () => {
    const expected = read(FLOW);
    const forms: readonly Flow[] = [
      { ...FLOW, is_anomaly: "T", score: "4", probability: "0.001", top_columns: "history,proto" },
      { ...FLOW, is_anomaly: "true", top_columns: "history, proto", reasons: JSON.stringify(FLOW.reasons) },
      { ...FLOW, top_columns: '["history","proto"]', ts: 1_767_225_600_000, "id.orig_p": "40000 " },
    ];
    for (const form of forms) expect(read(form)).toEqual(expected);
    expect(read({ ...FLOW, top_columns: "a\\x2cb,c" }).alarm?.columns).toEqual(["a,b", "c"]);
    expect(read({ ...FLOW, top_columns: "-", reasons: "no JSON" }).alarm).toMatchObject({
      columns: [],
      reasons: [],
    });
  });

  test("is whose the entity says", () => {
    expect(read(FLOW, { entity: "destination" }).alarm?.host).toBe("192.0.2.1");
    expect(read(FLOW, { entity: "pair" }).alarm?.host).toBe("10.0.0.1 > 192.0.2.1");
    expect(read(FLOW, { entity: "net" }).alarm?.host).toBe("lab");
  });

  test("is none where the flow raises none or a rule has taken it away; what it lacks is said", () => {
    expect(read({ ...FLOW, is_anomaly: false })).toMatchObject({ alarm: undefined, lacks: undefined });
    for (const verdict of ["benign", "wrong"])
      expect(read({ ...FLOW, alarm_verdict: verdict, alarm_rule: "r" })).toMatchObject({
        alarm: undefined,
        lacks: undefined,
      });
    expect(read({ ...FLOW, alarm_verdict: "escalate", alarm_rule: "mail" }).alarm?.rule).toBe("mail");
    expect(read({ ...FLOW, "id.orig_h": "-" })).toMatchObject({ alarm: undefined, lacks: "host" });
    for (const ts of [0, 1e25, "1e300"])
      expect(read({ ...FLOW, ts })).toMatchObject({ alarm: undefined, lacks: "time" });
  });

  test("needs columns, which are named", () => {
    const { unscored, hasTopColumns, hasReasons, hasHosts, hasTimes, hasNetworks } = alarmReader(
      ["a", "score"],
      {
        entity: "source",
        network: "net",
      },
    );
    expect([unscored, hasTopColumns, hasReasons, hasHosts, hasTimes, hasNetworks]).toEqual([
      ["is_anomaly", "probability"],
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
