import { existsSync } from "node:fs";
import { fromRoot } from "../inputs.ts";
import { writeDated } from "../write-dated.ts";
import { generatedHosts, MONDAY } from "./generated-hosts.ts";
import { type Delay, measureSilence, type SilenceCase } from "./measure-silence.ts";
import { readHosts } from "./read-hosts.ts";

/*
 * `pnpm bench:silence`: how soon `oddflow drift --by` misses a host that stopped, and how many usual hosts it calls silent or fallen, beside calling silent
 * whoever sent no flow for so many hours. What counts flows is that of the tests; here flows are counted in memory.
 */

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Used for nothing else. */
const SEEDS = [11, 12, 13];

interface NamedCase extends SilenceCase {
  readonly name: string;
}

const results: unknown[] = [];
for (const weeks of [1, 4]) {
  for (const hostsADay of [0.2, 1]) {
    const seeds = SEEDS.map((seed): NamedCase => {
      const baselineEnd = MONDAY + 7 * weeks * DAY;
      return {
        name: `generated, ${weeks === 1 ? "1 week" : `${weeks} weeks`} before, ${hostsADay} a day allowed`,
        hosts: generatedHosts(240, 7 * weeks + 21, seed),
        baselineEnd,
        to: baselineEnd + 21 * DAY,
        run: DAY,
        stopBefore: baselineEnd + 7 * DAY,
        hostsADay,
        seed,
      };
    });
    report(seeds);
  }
}
for (const host of ["source_ip", "destination_ip"]) {
  const path = "../shared/data/unsw-nb15/flows.parquet";
  if (!existsSync(fromRoot(path))) continue;
  const hosts = await readHosts(fromRoot(path), { host, time: "stime" });
  const [from, to] = [1_424_217_600, 1_424_217_600 + 12.5 * HOUR];
  report([
    {
      name: `UNSW-NB15 by ${host}, January before, 18 February judged, 1 a day allowed`,
      hosts,
      baselineEnd: from,
      to,
      run: 4 * HOUR,
      stopBefore: from + 6 * HOUR,
      hostsADay: 1,
      seed: 11,
    },
  ]);
}
for (const host of ["id.orig_h", "id.resp_h"]) {
  const path = "../shared/data/iot23/flows.parquet";
  if (!existsSync(fromRoot(path))) continue;
  const hosts = await readHosts(fromRoot(path), {
    host: `"${host}"`,
    time: "epoch(ts)",
    where: "capture = 'CTU-Malware-Capture-34-1'",
  });
  const from = Date.parse("2018-12-22T02:50:16Z") / 1000;
  report([
    {
      name: `IoT-23's capture 34-1 by ${host}, its first half before, 1 a day allowed`,
      hosts,
      baselineEnd: from,
      to: from + 12 * HOUR,
      run: 4 * HOUR,
      stopBefore: from + 6 * HOUR,
      hostsADay: 1,
      seed: 11,
    },
  ]);
}
print(`\nEvery figure: ${writeDated("silence", results)}`);

/** The same case by seeds. */
function report(seeds: readonly NamedCase[]): void {
  const [{ name } = { name: "" }] = seeds;
  const figures = seeds.map((own) => measureSilence(own));
  const mean = (values: readonly number[]): string =>
    (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(2);
  print(`\n${name}: ${figures.map(({ hosts }) => hosts).join(", ")} hosts that can be missed`);
  print(
    `  called, a day        silent ${mean(figures.map(({ silentADay }) => silentADay))}, fallen ` +
      `${mean(figures.map(({ fallenADay }) => fallenADay))}; no flow for ${figures.map(({ peerHours }) => peerHours).join(", ")} h ` +
      `${mean(figures.map(({ peerADay }) => peerADay))}`,
  );
  const delays = figures.flatMap((own) => own.delays);
  const kinds = [...new Set(delays.map(({ kind }) => kind))].map((kind) => {
    const some = delays.filter((own) => own.kind === kind);
    return { kind, own: spread(some, "own"), peer: spread(some, "peer") };
  });
  for (const { kind, own, peer } of kinds)
    print(`  ${kind.padEnd(12)} missed after ${own.padEnd(24)} no flow for so many hours ${peer}`);
  results.push({ name, figures: figures.map(({ delays: _, ...own }) => own), kinds });
}

/** The median and the ninth tenth, in hours. */
function spread(delays: readonly Delay[], way: "own" | "peer"): string {
  const sorted = delays.map((own) => own[way]).sort((a, b) => a - b);
  const text = (share: number): string => {
    const hours = sorted[Math.floor(share * (sorted.length - 1))] as number;
    return Number.isFinite(hours) ? `${hours.toFixed(1)} h` : "never";
  };
  return `${text(0.5)}, ${text(0.9)}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
