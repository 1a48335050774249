import { setTimeout as pause } from "node:timers/promises";
import type { KafkaClient } from "./kafka-client.ts";

const POLL_MILLISECONDS = 100;
const MOST_SECONDS_WITHOUT_PROGRESS = 90;

/** Offsets of all partitions together. */
export function sumOf(offsets: Readonly<Record<number, number>>): number {
  return Object.values(offsets).reduce((sum, offset) => sum + offset, 0);
}

/**
 * Waits until a group has committed more than so many records of a topic.
 * @throws Error where they do not become more for long
 */
export async function committedBeyond(
  client: KafkaClient,
  topic: string,
  group: string,
  count: number,
): Promise<void> {
  let [committed, since] = [-1, performance.now()];
  for (;;) {
    const now = sumOf(await client.committedOffsets(topic, group));
    if (now > count) return;
    if (now !== committed) [committed, since] = [now, performance.now()];
    if (performance.now() - since > MOST_SECONDS_WITHOUT_PROGRESS * 1000) {
      throw new Error(`${topic}: ${committed} records are committed, and no more of them become so`);
    }
    await pause(POLL_MILLISECONDS);
  }
}
