import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Alarm,
  cefRecord,
  ecsEvent,
  type Incident,
  IncidentStream,
  incidentRecord,
  ocsfFinding,
  syslogLine,
} from "../src/index.ts";
import { madeAlarm } from "./made-alarms.ts";

const SENDER = { version: "1.2.3", hostname: "sensor-1" };

/** Texts that mean something to one of the formats, or break lines. */
const nasty = fc.oneof(
  fc.constantFrom(
    "10.0.0.1",
    "fe80::1%eth0",
    "::ffff:10.0.0.1",
    "a|b=c\\d",
    "x cs1=y",
    "two\nlines",
    "\r",
    "=",
    "\\",
    "é\u202e\ud800",
  ),
  fc.string({ unit: "binary", maxLength: 8 }),
);

const nastyAlarm: fc.Arbitrary<Alarm> = fc
  .tuple(madeAlarm, fc.tuple(nasty, nasty, nasty, nasty, nasty, nasty))
  .map(([alarm, [host, network, destination, port, text, protocol]]) => ({
    ...alarm,
    host,
    network,
    reasons: alarm.reasons.map((reason) => ({ ...reason, text })),
    flow: { ...alarm.flow, source: host, destination, port, protocol },
  }));

const someIncidents: fc.Arbitrary<readonly Incident[]> = fc
  .array(nastyAlarm, { minLength: 1, maxLength: 5 })
  .map((alarms) => {
    const stream = new IncidentStream();
    for (const alarm of alarms) stream.add(alarm);
    return stream.end();
  });

function holdsForAll(check: (incident: Incident) => void): void {
  fc.assert(
    fc.property(someIncidents, (incidents) => {
      for (const incident of incidents) check(incident);
    }),
    { numRuns: 100 },
  );
}

/** A record of CEF, by ArcSight's words: fields of the header stand between pipes, those of the extension before = and what is no backslash. */
function parsedCef(record: string): { header: string[]; fields: Map<string, string> } {
  expect(record).not.toMatch(/[\n\r]/);
  const parts = record.match(/(?:\\.|[^\\|])*\||.+$/g) ?? [];
  const header = parts.slice(0, 7).map((part) => part.slice(0, -1).replace(/\\(.)/g, "$1"));
  const extension = parts.slice(7).join("");
  const fields = new Map<string, string>();
  const starts = [...extension.matchAll(/(?:^| )([A-Za-z0-9]+)=/g)];
  for (const [place, { 0: start, 1: key = "", index }] of starts.entries()) {
    const end = starts[place + 1]?.index ?? extension.length;
    const value = extension.slice(index + start.length, end);
    expect(value).toMatch(/^(?:[^=\\]|\\[=\\n])*$/);
    expect(fields.has(key)).toBe(false);
    fields.set(
      key,
      value.replace(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter)),
    );
  }
  return { header, fields };
}

/** As letters that a line cannot hold are shown. */
function shown(text: string): string {
  const lines = text.trim().split(/\r\n|[\n\r]/);
  return lines
    .map((line) =>
      line.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`),
    )
    .join("\n");
}

describe("an incident for other programs", () => {
  test("is a record of CEF that is read back, whatever its names hold", () => {
    holdsForAll((incident) => {
      const { header, fields } = parsedCef(cefRecord(incident, SENDER));
      expect(header.slice(0, 5)).toEqual(["CEF:0", "Oddflow", "Oddflow", "1.2.3", "odd-flows"]);
      expect(header[6]).toBe(String(incident.severity));
      expect(
        [...fields.keys()]
          .filter((key) => key.endsWith("Label"))
          .every((key) => fields.has(key.slice(0, -5))),
      ).toBe(true);
      expect(fields.get("cs2Label")).toBe(shown(incident.host) === "" ? undefined : "host");
      expect(fields.get("cs2") ?? "").toBe(shown(incident.host));
      expect(fields.get("cs3") ?? "").toBe(shown(incident.network ?? ""));
      expect(fields.get("externalId")).toBe(incident.id);
      expect(Number(fields.get("cnt"))).toBe(incident.flows);
      expect(Number(fields.get("start"))).toBe(1000 * incident.first);
      expect(isIP(fields.get("src") ?? "0.0.0.0")).toBe(4);
      expect(isIP(fields.get("c6a2") ?? "::")).toBe(6);
      for (const key of ["spt", "dpt"]) expect(Number(fields.get(key) ?? 0)).toBeLessThan(65_536);
    });
  });

  test("is a message of syslog on one line", () => {
    holdsForAll((incident) => {
      const line = syslogLine(incident, SENDER);
      const [, pri, stamp] = /^<(\d{1,3})>1 (\S+) sensor-1 oddflow - incident - CEF:0\|.*$/u.exec(line) ?? [];
      expect(Number(pri) >> 3).toBe(16);
      expect(Number(pri) & 7).toBe([5, 5, 5, 5, 4, 4, 4, 3, 3, 2, 2][incident.severity]);
      expect(Date.parse(stamp ?? "")).toBe(1000 * incident.last);
      expect(syslogLine(incident, { ...SENDER, hostname: "bad name\n" })).toContain(" badname oddflow ");
      expect(syslogLine(incident, { ...SENDER, hostname: "é" })).toContain("Z - oddflow ");
    });
  });

  test("is a document of the Elastic Common Schema whose addresses and ports are such", () => {
    holdsForAll((incident) => {
      const event = JSON.parse(JSON.stringify(ecsEvent(incident, SENDER)));
      expect(event.event).toMatchObject({
        kind: "alert",
        category: ["network"],
        id: incident.id,
        severity: incident.severity,
        duration: 1e9 * (incident.last - incident.first),
      });
      expect(Date.parse(event.event.start)).toBe(1000 * incident.first);
      expect(event.event.risk_score).toBeGreaterThanOrEqual(10 * incident.severity);
      expect(event.event.risk_score).toBeLessThanOrEqual(100);
      const addresses = [event.source?.ip, event.destination?.ip, ...(event.related?.ip ?? [])];
      for (const address of addresses) if (address !== undefined) expect(isIP(address)).toBeGreaterThan(0);
      expect(event.oddflow.incident.flows).toBe(incident.flows);
    });
  });

  test("is a Detection Finding of OCSF", () => {
    holdsForAll((incident) => {
      const finding = JSON.parse(JSON.stringify(ocsfFinding(incident, SENDER)));
      expect(finding).toMatchObject({
        class_uid: 2004,
        type_uid: 100 * 2004 + 1,
        severity_id: [2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5][incident.severity],
        time: 1000 * incident.last,
        start_time: 1000 * incident.first,
        count: incident.flows,
        finding_info: { uid: incident.id, title: incident.title },
      });
      const [{ src_endpoint: source, dst_endpoint: destination }] = finding.evidences;
      for (const end of [source, destination]) {
        if (end?.ip !== undefined) expect(isIP(end.ip)).toBeGreaterThan(0);
        if (end !== undefined) expect(end.ip ?? end.name).toBeDefined();
      }
    });
  });

  test("is a line of Oddflow's own, with its times", () => {
    holdsForAll((incident) => {
      const record = JSON.parse(JSON.stringify(incidentRecord(incident)));
      expect(
        [record.first_seen, record.last_seen, record.example.time].map((time) => Date.parse(time)),
      ).toEqual([incident.first, incident.last, incident.example.time].map((time) => 1000 * time));
      expect(record.columns).toEqual(incident.columns);
      expect(record.destinations.count).toBe(incident.destinations.count);
    });
  });
});
