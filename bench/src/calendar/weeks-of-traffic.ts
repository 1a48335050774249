import { closeSync, openSync, writeSync } from "node:fs";
import { randomNumbers } from "../random-numbers.ts";

/*
 * Weeks of made-up traffic of an office, in UTC: people at work by day and hardly at the weekend, jobs at hours of their own, and much
 * of what is odd, such as strangers who knock and devices that fail, at all hours alike: it is a larger share of a quiet hour. Days
 * differ from each other by chance, as do hosts.
 */

/** A Monday, 00:00 UTC. */
const BEGINNING = Date.UTC(2026, 0, 5) / 1000;
const HOUR = 3600;
export const DAY: number = 24 * HOUR;

const HEADER = "ts,src_ip,dst_ip,dst_port,proto,duration,sent,received,packets,state";

/** What begins at an hour: how many flows are to be expected, and what each is like. */
interface Kind {
  /** Of a day of the week, 0 for Monday, and an hour. */
  readonly flows: (day: number, hour: number) => number;
  readonly flow: (random: Random) => readonly (string | number)[];
}

/** Times what is said below: some 35,000 flows a day. */
const VOLUME = 3;

const isWorkday = (day: number): boolean => day < 5;
const between = (hour: number, from: number, to: number): boolean => hour >= from && hour < to;

function workers(day: number, hour: number): number {
  if (!isWorkday(day)) return between(hour, 9, 18) ? 0.06 : 0.02;
  const busy = [0.3, 0.7, 1, 1, 0.9, 0.6, 0.9, 1, 0.9, 0.7, 0.4, 0.15][hour - 7] ?? 0.03;
  return day === 4 ? 0.8 * busy : busy;
}

const KINDS: readonly Kind[] = [
  // The web, names and mail of people at work.
  {
    flows: (day, hour) => 900 * workers(day, hour),
    flow: (random) => [
      random.host("10.0.1", 120),
      random.host("198.51.100", 200),
      random.chance(0.85) ? 443 : 80,
      "tcp",
      ...random.sizes(2, 1500, 1.1, 12_000, 1.5),
      random.chance(0.97) ? "SF" : "RSTO",
    ],
  },
  {
    flows: (day, hour) => 350 * workers(day, hour) + 25,
    flow: (random) => [
      random.host("10.0.1", 120),
      random.host("10.0.0", 2),
      53,
      "udp",
      ...random.sizes(0.02, 70, 0.3, 180, 0.4),
      random.chance(0.98) ? "SF" : "S0",
    ],
  },
  {
    flows: (day, hour) => 80 * workers(day, hour) + 4,
    flow: (random) => [
      random.host("10.0.1", 120),
      "10.0.0.25",
      993,
      "tcp",
      ...random.sizes(8, 3000, 0.9, 30_000, 1.4),
      "SF",
    ],
  },
  // What watches over servers, at all hours.
  {
    flows: () => 60,
    flow: (random) => [
      "10.0.0.9",
      random.host("10.0.2", 15),
      161,
      "udp",
      ...random.sizes(0.01, 90, 0.2, 300, 0.3),
      "SF",
    ],
  },
  // Backups: every night, and of everything on Sundays.
  {
    flows: (_, hour) => (between(hour, 1, 4) ? 90 : 0),
    flow: (random) => [
      random.host("10.0.2", 15),
      "10.0.0.40",
      873,
      "tcp",
      ...random.sizes(90, 4_000_000, 1.6, 20_000, 0.8),
      random.chance(0.94) ? "SF" : "RSTR",
    ],
  },
  {
    flows: (day, hour) => (day === 6 && between(hour, 2, 8) ? 160 : 0),
    flow: (random) => [
      random.host("10.0.1", 120),
      "10.0.0.41",
      445,
      "tcp",
      ...random.sizes(200, 30_000_000, 1.8, 80_000, 1),
      random.chance(0.9) ? "SF" : "RSTO",
    ],
  },
  // Updates on Tuesday evenings, from many addresses.
  {
    flows: (day, hour) => (day === 1 && between(hour, 19, 22) ? 300 : 0),
    flow: (random) => [
      random.host("10.0.1", 120),
      random.host("203.0.113", 250),
      8530,
      "tcp",
      ...random.sizes(20, 2000, 0.5, 5_000_000, 2),
      random.chance(0.96) ? "SF" : "S1",
    ],
  },
  // Strangers, and devices that nobody looks after.
  {
    flows: () => 6,
    flow: (random) => [
      random.host("192.0.2", 250),
      random.host("10.0.2", 15),
      random.below(65_000) + 1,
      "tcp",
      ...random.sizes(0.3, 60, 0.8, 20, 1.5),
      random.chance(0.7) ? "S0" : "REJ",
    ],
  },
  {
    flows: () => 3,
    flow: (random) => [
      random.host("10.0.3", 8),
      random.host("203.0.113", 250),
      random.chance(0.5) ? 123 : 5353 + random.below(40),
      "udp",
      ...random.sizes(1, 300, 2, 200, 2),
      random.chance(0.5) ? "S0" : "SF",
    ],
  },
];

/** Writes flows of some days, in the order of their times, as CSV. @param from `to` days after the beginning, `to` not among them */
export function writeDays(path: string, seed: number, from: number, to: number): void {
  const file = openSync(path, "w");
  writeSync(file, `${HEADER}\n`);
  for (let day = from; day < to; day++) {
    // Of the day alone, so that days are the same whichever file they are in.
    const random = new Random(7919 * seed + day);
    const mood = Math.exp(0.15 * random.normal());
    for (let hour = 0; hour < 24; hour++) writeSync(file, linesOf(day, hour, mood, random));
  }
  closeSync(file);
}

function linesOf(day: number, hour: number, mood: number, random: Random): string {
  const flows = KINDS.flatMap(({ flows, flow }) => {
    const count = random.count(VOLUME * flows(day % 7, hour) * mood * Math.exp(0.2 * random.normal()));
    return Array.from({ length: count }, () => ({
      ts: BEGINNING + day * DAY + hour * HOUR + Math.floor(HOUR * 1000 * random.uniform()) / 1000,
      flow: flow(random),
    }));
  });
  flows.sort((a, b) => a.ts - b.ts);
  return flows.map(({ ts, flow }) => `${ts.toFixed(3)},${flow.join(",")}\n`).join("");
}

class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = randomNumbers(seed);
  }

  uniform(): number {
    return this.#next();
  }

  below(count: number): number {
    return Math.floor(count * this.#next());
  }

  chance(share: number): boolean {
    return this.#next() < share;
  }

  /** Box and Muller (1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#next())) * Math.cos(2 * Math.PI * this.#next());
  }

  /** A number near what is expected, as a Poisson variable's: normal where many are. */
  count(expected: number): number {
    if (expected > 30) return Math.max(0, Math.round(expected + Math.sqrt(expected) * this.normal()));
    let [count, left] = [0, Math.exp(-expected)];
    for (let product = this.#next(); product > left; product *= this.#next()) count++;
    left = 0;
    return count;
  }

  /** Some of a network's hosts come far more often than others. */
  host(network: string, hosts: number): string {
    return `${network}.${1 + Math.floor(hosts * this.#next() ** 2)}`;
  }

  /** Duration in seconds, bytes sent and received, packets: by medians and how far logarithms spread. */
  sizes(
    seconds: number,
    sent: number,
    sentSpread: number,
    received: number,
    receivedSpread: number,
  ): readonly number[] {
    const duration = seconds * Math.exp(0.9 * this.normal());
    const bytes = [
      sent * Math.exp(sentSpread * this.normal()),
      received * Math.exp(receivedSpread * this.normal()),
    ];
    const [out = 0, back = 0] = bytes.map(Math.round);
    return [Number(duration.toFixed(4)), out, back, 1 + Math.ceil((out + back) / (400 + 900 * this.#next()))];
  }
}
