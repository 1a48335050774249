import { readFileSync } from "node:fs";
import { fromRoot } from "../robustness/places.ts";
import { Consumer } from "./consumers.ts";
import { committedBeyond } from "./group-progress.ts";
import { COMPRESSIONS, type KafkaClient } from "./kafka-client.ts";
import type { NumberedFlows } from "./numbered-flows.ts";
import type { KafkaRecord, ReadRecord } from "./records.ts";
import { type StreamSettings, streamParameters } from "./stream-settings.ts";

export interface PutAsideRun extends StreamSettings {
  readonly client: KafkaClient;
  readonly flows: NumberedFlows;
  readonly onFault: (fault: string) => void;
}

const MEGABYTE = 1024 * 1024;
const SCORED_BYTES = 100_000;

/** What is no flow, by what a reason must say of it. */
function listWrong(flows: NumberedFlows): (readonly [value: Buffer | null, reason: RegExp])[] {
  const good = flows.value(0);
  const texts: [string, RegExp][] = [
    ["", /./],
    [" ", /./],
    ["this is no JSON", /JSON/],
    [good.slice(0, -10), /JSON/],
    [`${good}${good}`, /JSON|one|more/],
    [`${good}\n${good}`, /JSON|one|more|line/],
    ["[1,2]", /./],
    ["7", /./],
    ["null", /./],
    ['{"protocol":"tcp","dur":"soon"}', /dur/],
    [`{"note":"\u0001"}`, /JSON/],
    [`{"note":"${"x".repeat(2 * MEGABYTE)}`, /JSON/],
    // A flow, which the topic of scored flows does not take.
    [`${good.slice(0, -1)},"note":"${"y".repeat(2 * SCORED_BYTES)}"}`, /max\.message\.bytes/],
  ];
  return [
    [null, /tombstone|null|no value/i],
    [Buffer.from([0xff, 0xfe, 0, 0x7b]), /./],
    [Buffer.from([0x1f, 0x8b, 8, 0]), /./],
    ...texts.map(([text, reason]) => [Buffer.from(text), reason] as const),
  ];
}

/**
 * Sends flows with records among them that are none, batches of every compression, and values of megabytes: each must be found
 * in one topic or in the other, with its key, its headers and, where it is put aside, its bytes and a reason.
 */
export async function checkPutAside(run: PutAsideRun): Promise<void> {
  const { client, flows, topics, group, onFault } = run;
  for (const topic of Object.values(topics)) {
    const most = topic === topics.scored ? SCORED_BYTES : 8 * MEGABYTE;
    await client.createTopic(topic, { partitions: 1, settings: { "max.message.bytes": String(most) } });
  }
  const wrong = listWrong(flows);
  const given: KafkaRecord[] = wrong.flatMap(([value], place) => [
    {
      partition: 0,
      key: Buffer.from(`wrong-${place}`),
      headers: [["place", Buffer.from(String(place))]],
      value,
    },
    { ...flows.record(place, 1), key: Buffer.from(`flow-${place}`) },
  ]);
  for (const [k, compression] of COMPRESSIONS.entries()) {
    const some = given.filter((_, place) => place % COMPRESSIONS.length === k);
    await client.write(topics.flows, some, compression);
  }
  const consumer = new Consumer(streamParameters(run), onFault);
  consumer.start();
  await committedBeyond(client, topics.flows, group, given.length - 1);
  await consumer.end("SIGTERM");
  const scored = await byKey(client, topics.scored);
  const putAside = await byKey(client, topics.putAside);
  for (const [place, [value, reason]] of wrong.entries()) {
    const fault = faultOfPutAside(putAside.get(`wrong-${place}`) ?? [], place, value, reason);
    if (fault) onFault(`${value?.subarray(0, 60) ?? "a tombstone"}: ${fault}`);
    const text = scored.get(`flow-${place}`)?.[0]?.value?.toString();
    if (text !== flows.scored(place)) onFault(`flow ${place} among wrong records: ${text}`);
  }
  const counts = { given: given.length, scored: sizeOf(scored), putAside: sizeOf(putAside) };
  if (counts.scored + counts.putAside !== counts.given)
    onFault(`of ${JSON.stringify(counts)} some are missing`);
  console.log(`put aside\n  ${JSON.stringify(counts)}`);
}

/** @returns what is wrong with how a record was put aside; undefined where nothing is */
function faultOfPutAside(
  found: readonly ReadRecord[],
  place: number,
  value: Buffer | null,
  reason: RegExp,
): string | undefined {
  const [record, ...others] = found;
  if (record === undefined || others.length > 0) return `it was put aside ${found.length} times`;
  if (JSON.stringify(record.value) !== JSON.stringify(value)) return "its bytes are others";
  const [first, ...added] = record.headers;
  if (first?.[0] !== "place" || first[1]?.toString() !== String(place)) return "its header is another";
  const reasons = added.map(([name, content]) => `${name}: ${content?.toString()}`);
  if (!reasons.some((text) => reason.test(text)))
    return `no reason like ${reason} in ${JSON.stringify(reasons)}`;
  return undefined;
}

async function byKey(client: KafkaClient, topic: string): Promise<Map<string, ReadRecord[]>> {
  const records = new Map<string, ReadRecord[]>();
  for await (const record of client.read(topic, { isolation: "read_committed" })) {
    const key = record.key?.toString() ?? "";
    records.set(key, [...(records.get(key) ?? []), record]);
  }
  return records;
}

function sizeOf(records: ReadonlyMap<string, readonly ReadRecord[]>): number {
  return [...records.values()].reduce((sum, some) => sum + some.length, 0);
}

/** Suricata's events that are no flows, among flows: these are scored, those are left out and counted, as in every door. */
export async function checkOtherKinds(run: PutAsideRun): Promise<void> {
  const { client, flows, topics, group, onFault } = run;
  const lines = readFileSync(fromRoot("fixtures/sensors/suricata/eve.json"), "utf8").trimEnd().split("\n");
  const events = lines.filter((line) => !/"event_type":"(net)?flow"/.test(line));
  for (const topic of Object.values(topics)) await client.createTopic(topic, { partitions: 1 });
  const records = events.flatMap((line, place): KafkaRecord[] => [
    { partition: 0, key: null, headers: [], value: Buffer.from(line) },
    flows.record(place, 1),
  ]);
  await client.write(topics.flows, records);
  const consumer = new Consumer(streamParameters(run), onFault);
  consumer.start();
  await committedBeyond(client, topics.flows, group, records.length - 1);
  const said = (await consumer.end("SIGTERM"))?.stderr ?? "";
  const scored = sizeOf(await byKey(client, topics.scored));
  const aside = [...(await byKey(client, topics.putAside)).values()].flat();
  console.log(`other kinds\n  ${JSON.stringify({ events: events.length, scored, putAside: aside.length })}`);
  if (scored !== events.length) onFault(`${scored} of ${events.length} flows among other events are scored`);
  if (aside.length > 0) onFault(`${aside.length} events of a sensor are dead letters`);
  // "4 records with the event_type http, 2 of 3 other kinds"
  const counts = [...said.matchAll(/(\d+) (?:records? with|of \d+ other)/g)].map(([, count]) =>
    Number(count),
  );
  const counted = counts.reduce((sum, count) => sum + count, 0);
  if (counted !== events.length) onFault(`of ${events.length} events ${counted} are counted: ${said}`);
}
