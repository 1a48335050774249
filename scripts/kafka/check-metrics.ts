import { setTimeout as pause } from "node:timers/promises";
import { Consumer } from "./consumers.ts";
import { freePorts } from "./free-ports.ts";
import { committedBeyond } from "./group-progress.ts";
import type { KafkaClient } from "./kafka-client.ts";
import { type MetricFamily, MetricsReader } from "./metrics.ts";
import type { NumberedFlows } from "./numbered-flows.ts";
import { type StreamSettings, streamParameters } from "./stream-settings.ts";

const PARTITIONS = 3;
const FLOWS = 3000;
const TOMBSTONES = 7;

export interface MetricsRun extends StreamSettings {
  readonly client: KafkaClient;
  readonly flows: NumberedFlows;
  readonly cache: string;
  readonly onFault: (fault: string) => void;
}

/** What a stream tells Prometheus, by Prometheus' own reader, is what went through it; and it says that it is well. */
export async function checkMetrics(run: MetricsRun): Promise<void> {
  const { client, flows, topics, group, onFault } = run;
  let reader: MetricsReader;
  try {
    reader = new MetricsReader(run.cache);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    console.log(`metrics: SKIPPED, their reader cannot be had here: ${text.trim().split("\n").at(-1)}`);
    return;
  }
  for (const topic of Object.values(topics)) await client.createTopic(topic, { partitions: PARTITIONS });
  const tombstone = { partition: 0, key: Buffer.from("gone"), headers: [], value: null };
  await client.write(topics.flows, [
    ...flows.records(0, FLOWS, PARTITIONS),
    ...Array.from({ length: TOMBSTONES }, () => tombstone),
  ]);
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const consumer = new Consumer(streamParameters({ ...run, options: ["--metrics", address] }), onFault);
  consumer.start();
  await committedBeyond(client, topics.flows, group, FLOWS + TOMBSTONES - 1);
  // Of the last commit it may be told a moment later.
  await pause(500);
  const families = reader.read(await (await fetch(`http://${address}/metrics`)).text());
  const { status } = await fetch(`http://${address}/healthz`);
  if (status !== 200) onFault(`/healthz answers ${status}`);
  await consumer.end("SIGTERM");
  for (const family of families) {
    const value = family.samples
      .map((sample) => `${JSON.stringify(sample.labels)} ${sample.value}`)
      .join(", ");
    console.log(`metrics: ${family.name} (${family.type}) ${value.slice(0, 200)}`);
    if (family.help === "" || family.type === "unknown") onFault(`${family.name} has no help or no type`);
  }
  expect(families, /flows|scored/, FLOWS, onFault);
  expect(families, /dead|aside/, TOMBSTONES, onFault);
  const lag = familyOf(families, /lag/)?.samples ?? [];
  if (lag.length !== PARTITIONS || lag.some(({ value }) => value !== 0))
    onFault(`lag is ${JSON.stringify(lag)}`);
}

function expect(
  families: readonly MetricFamily[],
  name: RegExp,
  expected: number,
  onFault: (fault: string) => void,
): void {
  const sum = familyOf(families, name)?.samples.reduce(
    (all, { name: own, value }) => all + (own.endsWith("_created") ? 0 : value),
    0,
  );
  if (sum !== expected) onFault(`a family like ${name} comes to ${sum}, expected ${expected}`);
}

function familyOf(families: readonly MetricFamily[], name: RegExp): MetricFamily | undefined {
  return families.find((family) => name.test(family.name));
}
