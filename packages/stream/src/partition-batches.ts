import { BatchBuilder, type WrittenRecord } from "./batch-builder.ts";
import type { ProducedBatch } from "./produce-request.ts";
import type { TopicRules } from "./topic-rules.ts";

/** Bytes of one partition's batch in a request, where its topic takes so many. */
const REQUEST_BYTES = 512 << 10;

/** Batches of records that go together, one of a partition. */
export class PartitionBatches {
  readonly #rules: ReadonlyMap<string, TopicRules>;
  /** By topic, and by partition. */
  readonly #batches: ReadonlyMap<string, BatchBuilder[]>;

  constructor(rules: ReadonlyMap<string, TopicRules>) {
    this.#rules = rules;
    this.#batches = new Map(
      [...rules].map(([topic, { partitions }]) => [
        topic,
        Array.from({ length: partitions }, () => new BatchBuilder()),
      ]),
    );
  }

  /** Adds a record, whatever its size where it is the first of its partition. @returns whether there was room for it */
  add(topic: string, partition: number, record: WrittenRecord): boolean {
    const batch = this.#batches.get(topic)?.[partition] as BatchBuilder;
    const { mostBytes } = this.#rules.get(topic) as TopicRules;
    if (batch.count > 0 && batch.bytesWith(record) > Math.min(REQUEST_BYTES, mostBytes)) return false;
    batch.add(record);
    return true;
  }

  /** Those that have records. They hold until `clear`. */
  get filled(): ProducedBatch[] {
    return [...this.#batches].flatMap(([topic, batches]) =>
      batches.flatMap((value, partition) => (value.count > 0 ? [{ topic, partition, value }] : [])),
    );
  }

  clear(): void {
    for (const batches of this.#batches.values()) for (const batch of batches) batch.clear();
  }
}
