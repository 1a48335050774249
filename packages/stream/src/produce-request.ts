import { type NumericMap, Writer } from "@platformatic/kafka";
import type { BatchBuilder } from "./batch-builder.ts";

/** A batch on its way to a partition. */
export interface ProducedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly value: BatchBuilder;
}

/** What the client says of who writes. */
export interface ProduceOptions {
  readonly transactionalId?: string | undefined;
  readonly producerId?: bigint | undefined;
  readonly producerEpoch?: number | undefined;
  /** How many records a producer whose records are numbered has written, by `sequenceKey`. */
  readonly sequences?: NumericMap | undefined;
}

/** From which version on lengths are varints and fields may have tags. */
export const COMPACT_VERSION = 9;

/** Numbers of records begin anew behind the last of 31 bits. */
const SEQUENCES = 2 ** 31;

/** A request to write batches, versions 7 to 11. Source: "Produce API" in Kafka's documentation. */
export function produceRequest(
  version: number,
  acks: number,
  timeout: number,
  batches: readonly ProducedBatch[],
  { transactionalId, producerId = -1n, producerEpoch = 0, sequences }: ProduceOptions,
): Writer {
  const isCompact = version >= COMPACT_VERSION;
  const byTopic = new Map<string, ProducedBatch[]>();
  for (const batch of batches) byTopic.set(batch.topic, [...(byTopic.get(batch.topic) ?? []), batch]);
  const writer = Writer.create()
    .appendString(transactionalId, isCompact)
    .appendInt16(acks)
    .appendInt32(timeout)
    .appendArray(
      [...byTopic],
      (topics, [topic, own]) => {
        topics.appendString(topic, isCompact).appendArray(
          own,
          (partitions, { partition, value }) => {
            const bytes = value.finish({
              producerId,
              producerEpoch,
              firstSequence: (sequences?.getWithDefault(sequenceKey(topic, partition), 0) ?? 0) % SEQUENCES,
              isTransactional: transactionalId !== undefined,
            });
            partitions.appendInt32(partition);
            if (isCompact) partitions.appendUnsignedVarInt(bytes.length + 1);
            else partitions.appendInt32(bytes.length);
            partitions.append(bytes);
          },
          isCompact,
          isCompact,
        );
      },
      isCompact,
      isCompact,
    );
  return isCompact ? writer.appendTaggedFields() : writer;
}

/** As the client names a partition whose records it numbers. */
export function sequenceKey(topic: string, partition: number): string {
  return `${topic}:${partition}`;
}
