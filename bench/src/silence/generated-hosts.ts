import type { HostFlows } from "./host-flows.ts";

const HOUR = 3600;

/** A Monday, 00:00 UTC. */
export const MONDAY = 1_767_571_200;

/** What hosts are like; each makes what it does of numbers from 0 to below 1. */
const KINDS: readonly {
  readonly name: string;
  readonly times: (days: number, random: Random) => number[];
}[] = [
  { name: "server", times: serverTimes },
  { name: "office", times: officeTimes },
  { name: "off and on", times: offAndOnTimes },
  { name: "daily job", times: dailyTimes },
  { name: "server", times: serverTimes },
  { name: "office", times: officeTimes },
];

type Random = () => number;

/**
 * Hosts of four kinds whose rates go by day and week, and scatter by far more than Poisson's: servers all day long, office hosts that stay away on
 * one working day in sixteen, hosts that are off for times with a heavy tail, jobs once a day that one day in thirty is without.
 */
export function generatedHosts(count: number, days: number, seed: number): HostFlows[] {
  const random = mulberry32(seed);
  return Array.from({ length: count }, (_, k) => {
    const { name, times } = KINDS[k % KINDS.length] as (typeof KINDS)[number];
    const own = times(days, random).filter((hour) => hour >= 0 && hour < 24 * days);
    return { kind: name, times: own.sort((a, b) => a - b).map((hour) => MONDAY + HOUR * hour) };
  });
}

function serverTimes(days: number, random: Random): number[] {
  const rate = Math.exp(Math.log(0.5) + random() * Math.log(200));
  const shape = 0.5 + 4 * random();
  const swing = 0.9 * random();
  const times: number[] = [];
  for (let hour = 0; hour < 24 * days; hour++) {
    const usual = rate * (1 - swing * Math.cos((2 * Math.PI * ((hour % 24) - 3)) / 24));
    put(times, hour, usual * scatter(shape, random), random);
  }
  return times;
}

function officeTimes(days: number, random: Random): number[] {
  const rate = Math.exp(Math.log(2) + random() * Math.log(30));
  const [begin, length] = [7 + 2.5 * random(), 7 + 3 * random()];
  const times: number[] = [];
  for (let day = 0; day < days; day++) {
    if (day % 7 > 4 || random() < 1 / 16) continue;
    const from = Math.floor(begin + random() - 0.5);
    const to = begin + length + 2 * random() - 1;
    for (let hour = from; hour < to; hour++) put(times, 24 * day + hour, rate * scatter(1, random), random);
  }
  return times;
}

function offAndOnTimes(days: number, random: Random): number[] {
  const times: number[] = [];
  // Long before, so that times off are as long in the beginning as later.
  for (let at = -24 * 100; at < 24 * days; at += 4 * (1 - random()) ** (-1 / 1.6)) {
    const end = at + exponential(3 + 5 * random(), random);
    const between = 1 / (3 + 20 * random());
    for (; at < end; at += exponential(between, random)) times.push(at);
  }
  return times;
}

function dailyTimes(days: number, random: Random): number[] {
  const usual = 24 * random();
  return Array.from({ length: days }, (_, day) => 24 * day + usual + (random() - 0.5) / 2)
    .filter(() => random() > 1 / 30)
    .flatMap((at) => [at, at + 0.02, at + 0.04]);
}

function put(times: number[], hour: number, rate: number, random: Random): void {
  for (let at = exponential(1 / rate, random); at < 1; at += exponential(1 / rate, random))
    times.push(hour + at);
}

function exponential(mean: number, random: Random): number {
  return -mean * Math.log(1 - random());
}

/** Of a gamma distribution with mean 1 (Marsaglia and Tsang, "A simple method for generating gamma variables", 2000). */
function scatter(shape: number, random: Random): number {
  if (shape < 1) return ((shape + 1) / shape) * scatter(shape + 1, random) * random() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const v = (1 + c * normal) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * normal ** 2 + d - d * v + d * Math.log(v))
      return (d * v) / shape;
  }
}

export function mulberry32(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
