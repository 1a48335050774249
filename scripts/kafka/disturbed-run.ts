import { setTimeout as pause } from "node:timers/promises";
import { choicesFor } from "../robustness/seeded-choices.ts";
import type { Broker } from "./broker.ts";
import type { Consumer } from "./consumers.ts";
import { countDelivery, type Delivery, type Moment } from "./delivery.ts";
import { committedBeyond, sumOf } from "./group-progress.ts";
import type { KafkaClient } from "./kafka-client.ts";
import type { NumberedFlows } from "./numbered-flows.ts";
import type { StreamTopics } from "./stream-settings.ts";

/** What happens to a consumer, or to the broker. */
const DISTURBANCES = ["SIGKILL", "broker stops", "SIGTERM", "broker is killed"] as const;

type Disturbance = (typeof DISTURBANCES)[number];

/** The longest pause after flows have begun to come through, and until what was ended is started again. */
const LONGEST_PAUSE = 1500;

export interface DisturbedRun {
  readonly broker: Broker;
  /** Writes flows. */
  readonly source: KafkaClient;
  /** Watches meanwhile. */
  readonly witness: KafkaClient;
  readonly consumers: readonly Consumer[];
  readonly flows: NumberedFlows;
  readonly topics: StreamTopics;
  readonly group: string;
  readonly isolation: "read_committed" | "read_uncommitted";
  readonly count: number;
  readonly partitions: number;
  readonly disturbances: number;
  readonly seed: number;
}

export interface DisturbedCounts extends Delivery {
  readonly disturbances: Readonly<Record<Disturbance, number>>;
  readonly seconds: number;
}

/**
 * Writes flows a piece at a time and disturbs consumers and broker at random moments meanwhile, one after the other; then lets
 * them come to the end, ends the consumers in order and counts what came of the flows.
 */
export async function runDisturbed(run: DisturbedRun): Promise<DisturbedCounts> {
  const { source, witness, flows, topics, group, count, partitions, isolation } = run;
  const began = performance.now();
  const choices = choicesFor(run.seed, topics.flows, run.disturbances);
  const counts: Record<Disturbance, number> = {
    ...{ SIGKILL: 0, SIGTERM: 0, "broker stops": 0, "broker is killed": 0 },
  };
  for (const topic of Object.values(topics)) await source.createTopic(topic, { partitions });
  const moments: Moment[] = [];
  const piece = Math.ceil(count / (run.disturbances + 1));
  for (const consumer of run.consumers) consumer.start();
  for (let first = 0, number = 0; first < count; first += piece, number++) {
    const before = sumOf(await witness.committedOffsets(topics.flows, group));
    const written = source.write(
      topics.flows,
      flows.records(first, Math.min(first + piece, count), partitions),
    );
    if (number < run.disturbances) {
      await committedBeyond(witness, topics.flows, group, before);
      await pause(choices.below(LONGEST_PAUSE));
      // All of them are in, however few there are.
      const disturbance = DISTURBANCES[number] ?? choices.of(DISTURBANCES);
      counts[disturbance]++;
      const committed = await witness.committedOffsets(topics.flows, group);
      if (disturbance === "SIGKILL" || disturbance === "SIGTERM") {
        const consumer = choices.of(run.consumers);
        await consumer.end(disturbance);
        await pause(choices.below(LONGEST_PAUSE));
        consumer.start();
      } else {
        await (disturbance === "broker stops" ? run.broker.stop() : run.broker.kill());
        await pause(choices.below(LONGEST_PAUSE));
        await run.broker.start();
      }
      moments.push({ committed, ends: await witness.ends(topics.scored) });
    }
    await written;
    for (const consumer of run.consumers) consumer.start();
  }
  await committedBeyond(witness, topics.flows, group, count - 1);
  for (const consumer of run.consumers) await consumer.end("SIGTERM");
  const scored = witness.read(topics.scored, { isolation });
  const delivery = await countDelivery(scored, flows, { count, partitions, moments });
  return { ...delivery, disturbances: counts, seconds: Math.round((performance.now() - began) / 1000) };
}
