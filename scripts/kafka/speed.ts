import { spawnSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { runProgram } from "../programs/run-program.ts";
import { type HeldMemory, watchMemory } from "../robustness/memory.ts";
import { fromRoot } from "../robustness/places.ts";
import { Consumer } from "./consumers.ts";
import { committedBeyond, sumOf } from "./group-progress.ts";
import type { KafkaClient } from "./kafka-client.ts";
import type { NumberedFlows } from "./numbered-flows.ts";
import { cpuSecondsOf } from "./processor-time.ts";
import { type StreamSettings, streamParameters } from "./stream-settings.ts";

const PARTITIONS = 2;

export interface SpeedRun extends Omit<StreamSettings, "group"> {
  readonly client: KafkaClient;
  readonly flows: NumberedFlows;
  readonly count: number;
  readonly rounds: number;
  readonly folder: string;
  readonly onFault: (fault: string) => void;
}

interface Taken {
  readonly flows: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly brokerCpuSeconds: number;
}

/** From the start of the processes until all flows are scored, and committed where that is said. */
interface TakenInAll extends Taken {
  /** Since the first commit, without what it takes to start; a pipe has none. */
  readonly running?: Taken;
  readonly memory?: HeldMemory | undefined;
}

/** Times a stream in turns with a pipe, and two consumers on a core each with one. Prints what it finds. */
export async function measureSpeed(run: SpeedRun): Promise<void> {
  const { client, flows, count, topics, rounds, folder } = run;
  const file = join(folder, "flows.ndjson");
  await pipeline(Readable.from(linesOf(flows, count)), createWriteStream(file));
  await client.createTopic(topics.flows, { partitions: PARTITIONS });
  await client.createTopic(topics.putAside, { partitions: PARTITIONS });
  await client.write(topics.flows, flows.records(0, count, PARTITIONS));
  const cases: Record<string, () => Promise<TakenInAll>> = {
    pipe: () => Promise.resolve(timePipe(file, run.model, count)),
    stream: () => timeStream(run, [undefined]),
    "one consumer, one core": () => timeStream(run, [0]),
  };
  if (cpus().length > 1) cases["two consumers, a core each"] = () => timeStream(run, [0, 1]);
  for (let round = 0; round < rounds; round++) {
    // What slows the machine for a while slows each of them as often.
    const names = Object.keys(cases);
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const taken = await cases[name]?.();
      if (taken) console.log(`  ${name}: ${describe(taken)}`);
    }
  }
}

function* linesOf(flows: NumberedFlows, count: number): Generator<string> {
  for (let id = 0; id < count; id++) yield `${flows.value(id)}\n`;
}

function timePipe(file: string, model: string, flows: number): TakenInAll {
  const command = [process.execPath, fromRoot("packages/cli/bin/oddflow.js"), "score", "-", "-m", model];
  const script = 'in=$1; shift; cat "$in" | "$@" >/dev/null 2>&1 || exit 1; times';
  const began = performance.now();
  const { stdout, status } = spawnSync("sh", ["-c", script, "sh", file, ...command], { encoding: "utf8" });
  const seconds = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error("the pipe failed");
  // POSIX, times: minutes and seconds of the shell, then of what it ran.
  const times = [...(stdout.trim().split("\n").at(-1) ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
  const cpuSeconds = times.reduce((sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest), 0);
  return { flows, seconds, cpuSeconds, brokerCpuSeconds: 0 };
}

let groups = 0;

/** @param cores what each consumer is held to; undefined where it may have all of them */
async function timeStream(run: SpeedRun, cores: readonly (number | undefined)[]): Promise<TakenInAll> {
  const { client, topics, count, broker, onFault } = run;
  const group = `speed-${groups++}`;
  await client.createTopic(topics.scored, { partitions: PARTITIONS });
  const [brokerBefore, began] = [cpuSecondsOf(broker.pid), performance.now()];
  const consumers = cores.map((core) => {
    const options = [...(run.options ?? []), ...(core === undefined ? [] : ["--threads", "1"])];
    const consumer = new Consumer(streamParameters({ ...run, group, options }), onFault);
    consumer.start();
    if (core !== undefined)
      runProgram("taskset", ["-a", "-p", "-c", String(core), String(consumer.pid)], "/");
    return consumer;
  });
  const watched = watchMemory(consumers[0]?.pid);
  const look = (flows: number): Taken => ({
    flows,
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: consumers.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0),
    brokerCpuSeconds: cpuSecondsOf(broker.pid) - brokerBefore,
  });
  await committedBeyond(client, topics.flows, group, 0);
  const first = look(sumOf(await client.committedOffsets(topics.flows, group)));
  await committedBeyond(client, topics.flows, group, count - 1);
  const all = look(count);
  const taken = { ...all, running: difference(all, first), memory: watched.stop() };
  for (const consumer of consumers) await consumer.end("SIGTERM");
  await client.deleteTopic(topics.scored);
  return taken;
}

function difference(later: Taken, earlier: Taken): Taken {
  return {
    flows: later.flows - earlier.flows,
    seconds: later.seconds - earlier.seconds,
    cpuSeconds: later.cpuSeconds - earlier.cpuSeconds,
    brokerCpuSeconds: later.brokerCpuSeconds - earlier.brokerCpuSeconds,
  };
}

function describe({ running, memory, ...all }: TakenInAll): string {
  const afterStart = running ? `; since the first commit ${rates(running)}` : "";
  const held = memory ? `; ${memory.megabytesBefore} MB held, then ${memory.megabytesAfter} MB` : "";
  return `${rates(all)}${afterStart}${held}`;
}

function rates({ flows, seconds, cpuSeconds, brokerCpuSeconds }: Taken): string {
  const each = (taken: number): string => `${((1e6 * taken) / flows).toFixed(1)} µs`;
  const broker = brokerCpuSeconds > 0 ? `, the broker ${each(brokerCpuSeconds)}` : "";
  return `${Math.round(flows / seconds).toLocaleString("en")} flows/s, of CPU a flow ${each(cpuSeconds)}${broker}`;
}
