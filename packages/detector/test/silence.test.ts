import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HostJudge, type HostJudgement } from "../src/index.ts";
import { calibrated, DAY, hostTimes, MONDAY, type Traffic, trafficOf } from "./host-traffic.ts";

const HOUR = 3600;

const judged = (traffic: Traffic, hostsADay: number): HostJudgement[] => {
  const judge = new HostJudge(traffic.watched, calibrated(traffic).levels(hostsADay));
  return traffic.hosts.map((host) => judge.judge(host));
};

const kinds = (traffic: Traffic, hostsADay = 1): string[] =>
  judged(traffic, hostsADay).map(({ kind }) => kind);

const day = (n: number): { from: number; to: number } => ({
  from: MONDAY + n * DAY,
  to: MONDAY + (n + 1) * DAY,
});

/** The times, but none of some hosts' from a time on. */
const without = (times: readonly number[][], hosts: readonly number[], from: number): number[][] =>
  times.map((own, k) => (hosts.includes(k) ? own.filter((time) => time < from) : own));

describe("hosts of generated traffic, three weeks and one", () => {
  const times = hostTimes(60, 28, 1);

  test("usual ones are called silent or fallen no more often than is allowed", () => {
    let called = 0;
    let days = 0;
    for (const seed of [2, 3]) {
      const own = hostTimes(60, 28, seed);
      const levels = calibrated(trafficOf(own, day(21))).levels(1);
      // A day's run beside all before, and those of a working day, a Saturday and a Monday of the next week.
      for (const n of [21, 22, 25, 26, 27]) {
        const { watched, hosts } = trafficOf(own, day(n));
        const judge = new HostJudge(watched, levels);
        called += hosts.filter((host) => /silent$|fallen/.test(judge.judge(host).kind)).length;
        days++;
      }
    }
    expect(called / days).toBeLessThanOrEqual(1);
  });

  test("servers that stop are missed within the day; offices in the next week, and not for their weekends", () => {
    // On a Tuesday at 06:00.
    const from = MONDAY + 22 * DAY + 6 * HOUR;
    const found = judged(trafficOf(without(times, [0, 2, 4], from), day(22)), 1);
    for (const host of [0, 2, 4]) {
      const own = found[host] as HostJudgement;
      expect(own.kind).toBe("silent");
      if (own.kind !== "silent") continue;
      expect(own.since).toBeLessThan(from);
      expect(own.missedAt).toBeGreaterThan(from);
      expect(own.missedAt).toBeLessThan(from + 18 * HOUR);
      expect(own.cameAgain).toBe(true);
    }
    const isOffice = (_: unknown, host: number): boolean => host % 2 === 1;
    const weekend = judged(trafficOf(times, { from: MONDAY + 26 * DAY, to: MONDAY + 28 * DAY - 1 }), 1);
    expect(weekend.filter(isOffice).filter(({ kind }) => kind === "silent").length).toBeLessThanOrEqual(1);
    const week = { from: MONDAY + 21 * DAY, to: MONDAY + 26 * DAY };
    const missed = judged(trafficOf(without(times, [1, 3, 5], MONDAY + 21.1 * DAY), week), 1);
    expect([1, 3, 5].map((host) => missed[host]?.kind)).toEqual(["silent", "silent", "silent"]);
  });

  test("a silence is reported in one run of those that follow each other, and then it was before", () => {
    const stopped = without(times, [0], MONDAY + 21.4 * DAY);
    const each = [21, 22, 23].map((n) => {
      const whole = trafficOf(stopped, day(n));
      return new HostJudge(whole.watched, calibrated(trafficOf(stopped, day(21))).levels(1)).judge(
        whole.hosts[0] as (typeof whole.hosts)[0],
      ).kind;
    });
    expect(each).toEqual(["silent", "silent before", "silent before"]);
  });

  test("what sends a tenth of its flows has fallen, and is not silent", () => {
    const own = times.map((some, host) =>
      host === 2 || host === 6 ? some.filter((time, k) => time < MONDAY + 22 * DAY || k % 10 === 0) : some,
    );
    const found = judged(trafficOf(own, day(22)), 1);
    for (const host of [2, 6]) {
      expect(found[host]).toMatchObject({ kind: "fallen" });
      const judgement = found[host];
      if (judgement?.kind === "fallen")
        expect(judgement.sent.flows / judgement.sent.expected).toBeLessThan(0.3);
    }
  });

  test("where nobody sends it is nobody's silence", () => {
    // From 02:00 to 22:00, which servers are never silent for.
    const [from, to] = [MONDAY + 22 * DAY + 2 * HOUR, MONDAY + 22 * DAY + 22 * HOUR];
    const down = times.map((some) => some.filter((time) => time < from || time > to));
    const traffic = trafficOf(down, day(22));
    const [outage] = traffic.watched.outages.filter((own) => own.from >= MONDAY + 22 * DAY);
    expect(outage?.from).toBeGreaterThan(from - HOUR);
    expect(outage?.to).toBeLessThan(to + HOUR);
    expect(outage?.usualFlows).toBeGreaterThan(1000);
    const usual = kinds(trafficOf(times, day(22))).filter((kind) => kind === "silent").length;
    expect(kinds(traffic).filter((kind) => kind === "silent").length).toBeLessThanOrEqual(usual + 1);
  });

  test.each([900, 3600])(
    "times in whole steps of %d s are no outages, and hide neither these nor silences",
    (step) => {
      const whole = times.map((own) => own.map((time) => step * Math.floor(time / step)));
      const from = MONDAY + 22 * DAY + 6 * HOUR;
      const { watched } = trafficOf(whole, day(22));
      expect(watched.outages).toEqual([]);
      const found = judged(trafficOf(without(whole, [0, 2, 4], from), day(22)), 1);
      expect([0, 2, 4].map((host) => found[host]?.kind)).toEqual(["silent", "silent", "silent"]);
      expect(found.filter(({ kind }) => kind === "silent").length).toBeLessThanOrEqual(5);
      const down = whole.map((own) => own.filter((time) => time < from || time >= from + 6 * HOUR));
      expect(trafficOf(down, day(22)).watched.outages).toMatchObject([{ to: from + 6 * HOUR }]);
    },
  );

  test("what lies between two recordings is an outage, however long", () => {
    const apart = times.map((own) =>
      own.filter((time) => time < MONDAY + 4 * DAY || time > MONDAY + 18 * DAY),
    );
    const [outage] = trafficOf(apart, day(22)).watched.outages.toSorted(
      (a, b) => b.to - b.from - (a.to - a.from),
    );
    expect((outage?.to ?? 0) - (outage?.from ?? 0)).toBeGreaterThan(13.5 * DAY);
  });

  test("hosts that are new, or came too seldom to be missed, are neither", () => {
    const one = [MONDAY + 3 * DAY, MONDAY + 5 * DAY];
    const traffic = trafficOf([...times, one, [MONDAY + 22.5 * DAY], [...one, MONDAY + 22.1 * DAY]], day(22));
    expect(judged(traffic, 1).slice(-3)).toEqual([
      { kind: "seldom", cameAgain: false },
      { kind: "new" },
      { kind: "seldom", cameAgain: true },
    ]);
  });
});

test("rates go by the hour of the week from two weeks on, of the day from two days on, and are one before that", () => {
  const steady = Array.from({ length: 40 * 24 }, (_, hour) => MONDAY + HOUR * hour);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 * 24 }), (hours) => {
      const { watched } = trafficOf([steady], {
        from: MONDAY + HOUR * hours,
        to: MONDAY + HOUR * (hours + 5),
      });
      // From the first flow to the last one.
      const spanned = hours - 1;
      const by =
        spanned >= 14 * 24 ? "hour of the week" : spanned >= 48 ? "hour of the day" : "all hours alike";
      expect([watched.ratesBy, watched.slots]).toEqual([
        by,
        { "hour of the week": 168, "hour of the day": 24, "all hours alike": 1 }[by],
      ]);
    }),
  );
});

test("a longer silence is never less missed, whenever a host stops", () => {
  const times = hostTimes(12, 16, 9);
  const recent = { from: MONDAY + 15 * DAY, to: MONDAY + 16 * DAY };
  const levels = calibrated(trafficOf(times, recent)).levels(1);
  fc.assert(
    fc.property(
      fc.nat(11),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (host, one, other) => {
        const missedAt = (share: number): number => {
          const from = recent.from + share * DAY;
          const { watched, hosts } = trafficOf(without(times, [host], from), recent);
          const own = new HostJudge(watched, levels).judge(hosts[host] as (typeof hosts)[0]);
          return own.kind === "silent before"
            ? 0
            : own.kind === "silent"
              ? own.missedAt
              : Number.POSITIVE_INFINITY;
        };
        expect(missedAt(Math.min(one, other))).toBeLessThanOrEqual(missedAt(Math.max(one, other)));
      },
    ),
    { numRuns: 15 },
  );
});
