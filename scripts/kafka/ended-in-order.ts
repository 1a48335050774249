import { setTimeout as pause } from "node:timers/promises";
import { choicesFor } from "../robustness/seeded-choices.ts";
import { Consumer } from "./consumers.ts";
import { countDelivery, type Delivery } from "./delivery.ts";
import { committedBeyond, sumOf } from "./group-progress.ts";
import type { KafkaClient } from "./kafka-client.ts";
import type { NumberedFlows } from "./numbered-flows.ts";
import { type StreamSettings, streamParameters } from "./stream-settings.ts";

const PARTITIONS = 2;
const LONGEST_PAUSE = 400;

export interface EndsInOrder extends StreamSettings {
  readonly client: KafkaClient;
  readonly flows: NumberedFlows;
  readonly count: number;
  readonly ends: number;
  readonly seed: number;
  readonly onFault: (fault: string) => void;
}

/** Ends a consumer by SIGTERM in the middle of its work, again and again: what is committed must be what is written, and come once. */
export async function runEndsInOrder(run: EndsInOrder): Promise<Delivery> {
  const { client, flows, count, topics, group, onFault } = run;
  const choices = choicesFor(run.seed, "ends", 0);
  for (const topic of Object.values(topics)) await client.createTopic(topic, { partitions: PARTITIONS });
  await client.write(topics.flows, flows.records(0, count, PARTITIONS));
  const consumer = new Consumer(streamParameters(run), onFault);
  const look = (): Promise<Delivery> => {
    const scored = client.read(topics.scored, { isolation: "read_committed" });
    return countDelivery(scored, flows, { count, partitions: PARTITIONS, moments: [] });
  };
  for (let end = 0; end < run.ends; end++) {
    const before = sumOf(await client.committedOffsets(topics.flows, group));
    if (before >= count) break;
    consumer.start();
    await committedBeyond(client, topics.flows, group, before);
    await pause(choices.below(LONGEST_PAUSE));
    await consumer.end("SIGTERM");
    const committed = sumOf(await client.committedOffsets(topics.flows, group));
    const { arrived, repeated } = await look();
    if (arrived !== committed || repeated > 0) {
      onFault(
        `after SIGTERM ${committed} flows are committed, ${arrived} written, ${repeated} of them more than once`,
      );
    }
  }
  consumer.start();
  await committedBeyond(client, topics.flows, group, count - 1);
  await consumer.end("SIGTERM");
  return look();
}
