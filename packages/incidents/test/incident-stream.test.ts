import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Alarm, type Incident, type IncidentOptions, IncidentStream } from "../src/index.ts";
import { madeAlarm } from "./made-alarms.ts";

const someAlarms = fc.array(madeAlarm, { minLength: 1, maxLength: 60 });
const someOptions: fc.Arbitrary<IncidentOptions> = fc.record({
  gap: fc.integer({ min: 1, max: 20 }),
  longest: fc.integer({ min: 1, max: 60 }),
});

/** @param cut after how many alarms each what has ended is taken */
function incidentsOf(alarms: readonly Alarm[], options: IncidentOptions, cut = alarms.length): Incident[] {
  const stream = new IncidentStream(options);
  const found: Incident[] = [];
  for (const [place, alarm] of alarms.entries()) {
    stream.add(alarm);
    if (place % cut === 0) found.push(...stream.take());
  }
  found.push(...stream.end());
  expect(stream.closedEarly).toBe(0);
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function byTime(alarms: readonly Alarm[]): Alarm[] {
  return alarms.toSorted((a, b) => a.time - b.time);
}

/** What belongs together by its definition: all alarms are looked at for each, and nothing is closed. */
function byHand(alarms: readonly Alarm[], { gap, longest }: IncidentOptions): Alarm[][] {
  const leading = ({ columns }: Alarm): string[] => columns.slice(0, 3).sort();
  const kind = (alarm: Alarm): string =>
    JSON.stringify([JSON.stringify([alarm.network, alarm.host]), ...leading(alarm)]);
  const groups: Alarm[][] = [];
  const ordered = byTime(alarms);
  for (const time of new Set(ordered.map((alarm) => alarm.time))) {
    const now = ordered.filter((alarm) => alarm.time === time);
    for (const own of [...new Set(now.map(kind))].sort()) {
      const members = now.filter((alarm) => kind(alarm) === own);
      const [one] = members as [Alarm];
      const candidates = groups.flatMap((group, place) => {
        const [first] = group as [Alarm];
        const shared = leading(one).filter((name) => leading(first).includes(name)).length;
        const belongs =
          first.host === one.host &&
          first.network === one.network &&
          time - (group.at(-1) as Alarm).time <= gap &&
          time - first.time <= longest &&
          shared >= Math.min(2, leading(one).length, leading(first).length);
        return belongs ? [{ group, shared, place }] : [];
      });
      const [best] = candidates.sort((a, b) => b.shared - a.shared || a.place - b.place);
      if (best === undefined) groups.push(members);
      else best.group.push(...members);
    }
  }
  return groups;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

describe("alarms as incidents", () => {
  test("are put together as is said, whatever the order of those of one time and the blocks in which they come", () => {
    fc.assert(
      fc.property(
        someAlarms,
        someOptions,
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(fc.nat()),
        (drawn, options, cut, order) => {
          const found = incidentsOf(byTime(drawn), options);
          const expected = byHand(drawn, options);
          const summary = (first: number, last: number, flows: number, score: number): string =>
            JSON.stringify([first, last, flows, score]);
          expect(found.map((own) => summary(own.first, own.last, own.flows, own.score)).sort()).toEqual(
            expected
              .map((group) => {
                const times = group.map(({ time }) => time);
                const score = Math.max(...group.map((own) => own.score));
                return summary(Math.min(...times), Math.max(...times), group.length, score);
              })
              .sort(),
          );
          const shuffled = drawn
            .map((alarm) => ({ alarm, place: order.next().value }))
            .sort((a, b) => a.place - b.place)
            .map(({ alarm }) => alarm);
          expect(incidentsOf(byTime(shuffled), options, cut)).toEqual(found);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("none is lost or counted twice, in whatever order they come, and lengths hold", () => {
    fc.assert(
      fc.property(someAlarms, someOptions, fc.integer({ min: 1, max: 9 }), (drawn, options, cut) => {
        const found = incidentsOf(drawn, options, cut);
        expect(sum(found.map(({ flows }) => flows))).toBe(drawn.length);
        expect(sum(found.map(({ escalated }) => escalated))).toBe(
          drawn.filter(({ rule }) => rule !== null).length,
        );
        for (const port of ["22", "443"])
          expect(
            sum(
              found.flatMap(({ ports }) =>
                ports.most.filter(({ value }) => value === port).map((own) => own.flows),
              ),
            ),
          ).toBe(drawn.filter(({ flow }) => flow.port === port).length);
        for (const { first, last, severity, flows, example } of found) {
          expect(last - first).toBeLessThanOrEqual(options.longest);
          expect(example.time).toBeGreaterThanOrEqual(first);
          expect(example.time).toBeLessThanOrEqual(last);
          expect(severity).toBeGreaterThanOrEqual(Math.floor(Math.log10(100 * flows)));
          expect(severity).toBeLessThanOrEqual(10);
        }
      }),
      { numRuns: 150 },
    );
  });

  const alarm: Alarm = {
    host: "10.0.0.5",
    network: null,
    time: 1_767_225_600,
    score: 5,
    probability: 0.001,
    columns: ["history", "proto"],
    reasons: [{ column: "history", error: 2, text: 'history "S", usually "ShAdDaFf"' }],
    rule: null,
    flow: {
      source: "10.0.0.5",
      sourcePort: "40000",
      destination: "192.0.2.1",
      port: "23",
      protocol: "tcp",
      id: null,
      row: 7,
    },
  };

  test("come out when nothing has come for long enough, alarm or not, and keep their name when more is known", () => {
    const stream = new IncidentStream({ gap: 600, longest: 3600 });
    stream.add(alarm);
    stream.see(alarm.time + 600);
    expect(stream.take()).toEqual([]);
    stream.see(alarm.time + 601);
    const [one] = stream.take();
    const longer = incidentsOf([alarm, { ...alarm, time: alarm.time + 90, score: 9 }], {
      gap: 600,
      longest: 3600,
    });
    expect(longer.map(({ id, flows, score }) => [id, flows, score])).toEqual([[one?.id, 2, 9]]);
  });

  test("a flow with a wrong time ends nothing, ten in a row do", () => {
    const stream = new IncidentStream();
    stream.add(alarm);
    stream.see(4e9);
    stream.see(0);
    expect(stream.take()).toEqual([]);
    for (let i = 0; i < 10; i++) stream.see(4e9);
    expect(stream.take()).toHaveLength(1);
  });

  test("an alarm with a wrong time keeps no other incident from being told", () => {
    const stream = new IncidentStream();
    stream.add({ ...alarm, time: 4e9 });
    stream.see(alarm.time);
    for (let i = 0; i < 10; i++) stream.see(alarm.time);
    stream.add(alarm);
    stream.see(alarm.time + 601);
    expect(stream.take().map(({ first }) => first)).toEqual([alarm.time]);
    expect(stream.end().map(({ first }) => first)).toEqual([4e9]);
  });

  test("take bounded memory: of too many that are open the most silent ones are closed, and counted", () => {
    const stream = new IncidentStream({ gap: 1e6, longest: 1e6 });
    const found: Incident[] = [];
    for (let i = 0; i < 20_010; i++) {
      stream.add({ ...alarm, host: String(i), time: alarm.time + i });
      if (i % 4000 === 0) found.push(...stream.take());
    }
    found.push(...stream.take());
    expect([stream.closedEarly, found.map(({ host }) => host)]).toEqual([9, [..."012345678"]]);
    expect(found.length + stream.end().length).toBe(20_010);
  });

  test("say in one line what they are", () => {
    const many = Array.from({ length: 5000 }, (_, i) => ({
      ...alarm,
      time: alarm.time + i / 10,
      flow: { ...alarm.flow, destination: `192.0.${i >> 8}.${i & 255}` },
    }));
    const [incident] = incidentsOf(many, { gap: 600, longest: 3600 });
    const { destinations, title } = incident as Incident;
    expect(destinations.isExact).toBe(false);
    expect(destinations.count).toBeGreaterThan(3500);
    expect(destinations.count).toBeLessThan(6500);
    expect(title.replace(/about [\d,]+/, "about N")).toBe(
      "5,000 odd flows from 10.0.0.5 to about N destinations, port 23, in 8 min: history, proto",
    );
    const [one] = incidentsOf([{ ...alarm, columns: ["context.pair.60s.flows"], reasons: [] }], {
      gap: 600,
      longest: 3600,
    });
    expect(one?.title).toBe(
      "1 odd flow from 10.0.0.5 to 192.0.2.1, port 23: flows from the source to the destination within 60 s",
    );
    const attacked = many.slice(0, 2).map((own) => ({
      ...own,
      host: "192.0.2.9",
      flow: { ...own.flow, destination: "192.0.2.9", source: `10.0.0.${own.time % 7}` },
    }));
    expect(incidentsOf(attacked, { gap: 600, longest: 3600 })[0]?.title).toMatch(
      /^2 odd flows to 192\.0\.2\.9 from 2 sources, port 23: /,
    );
  });
});
