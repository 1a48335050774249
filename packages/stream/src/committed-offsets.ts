import { setTimeout as wait } from "node:timers/promises";
import type { Admin } from "@platformatic/kafka";
import { answered } from "./answered.ts";
import { isFailure } from "./broker-failure.ts";

/** Milliseconds between two questions while a transaction's end is still being written down, and for how long they are asked. */
const [BETWEEN_QUESTIONS, PATIENCE] = [200, 60_000];

/**
 * What a group has committed of partitions. Waits for transactions that have ended and whose positions are not written down yet: their
 * records would come twice (KIP-447). The consumer's own question does not.
 * @returns by partition; none where nothing is committed
 * @throws what the client throws
 */
export async function committedOffsets(
  admin: Admin,
  group: string,
  topic: string,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const question = {
    groups: [{ groupId: group, topics: [{ name: topic, partitionIndexes: [...partitions] }] }],
    requireStable: true,
  };
  for (const began = Date.now(); ; ) {
    try {
      const groups = await answered("committed offsets", admin.listConsumerGroupOffsets(question));
      const found = groups.flatMap((own) => own.topics).filter(({ name }) => name === topic);
      const offsets = found
        .flatMap((own) => own.partitions)
        .map((own): [number, number] => [own.partitionIndex, Number(own.committedOffset)]);
      return new Map(offsets.filter(([, offset]) => offset >= 0));
    } catch (thrown) {
      if (!isFailure(thrown, "UNSTABLE_OFFSET_COMMIT") || Date.now() - began > PATIENCE) throw thrown;
      await wait(BETWEEN_QUESTIONS);
    }
  }
}
