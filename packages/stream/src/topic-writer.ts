import { ProduceAcks } from "@platformatic/kafka";
import { answered, calledBack } from "./answered.ts";
import { bytesAlone, type WrittenRecord } from "./batch-builder.ts";
import { clientOptions, type StreamClient } from "./client-options.ts";
import type { ScoredValues } from "./flow-records.ts";
import type { GroupReader } from "./group-reader.ts";
import { PartitionBatches } from "./partition-batches.ts";
import type { ProducedBatch } from "./produce-request.ts";
import { openRecordProducer, type RecordProducer } from "./record-producer.ts";
import type { TopicRecords } from "./topic-records.ts";
import { readTopicRules, type TopicRules } from "./topic-rules.ts";
import { asideReason, asideRecord, hasKey, partitionOf, scoredRecord } from "./written-records.ts";

/** Milliseconds after which a broker gives up a transaction, and answers that it could not write in time. */
const TRANSACTION_TIMEOUT = 15_000;

/**
 * How often a step of a transaction is tried, and the milliseconds between: just after another one brokers are still writing down its end.
 * The client would try without end.
 */
const TRANSACTION_TRIES = { retries: 100, retryDelay: 50 };

export interface WriterTopics {
  readonly from: string;
  readonly to: string;
  readonly deadLetters: string;
}

/** How many records were written, and how many of them were put aside. */
export interface WrittenCounts {
  readonly scored: number;
  readonly putAside: number;
}

type Send = (messages: ProducedBatch[]) => Promise<void>;

/** Writes what came of records: to a topic, and what could not be scored to another. Keys, headers and times stay. */
export class TopicWriter {
  readonly #producer: RecordProducer;
  readonly #topics: WriterTopics;
  readonly #rules: ReadonlyMap<string, TopicRules>;
  readonly #batches: PartitionBatches;

  private constructor(
    producer: RecordProducer,
    topics: WriterTopics,
    rules: ReadonlyMap<string, TopicRules>,
  ) {
    this.#producer = producer;
    this.#topics = topics;
    this.#rules = rules;
    this.#batches = new PartitionBatches(rules);
  }

  /** @param transactions whether it writes in transactions. @throws what the client throws */
  static async open(client: StreamClient, topics: WriterTopics, transactions: boolean): Promise<TopicWriter> {
    const producer = openRecordProducer({
      ...clientOptions(client),
      ...(transactions ? TRANSACTION_TRIES : {}),
      idempotent: transactions,
      timeout: TRANSACTION_TIMEOUT,
      strict: false,
    });
    producer.on("error", () => undefined);
    try {
      const rules = await readTopicRules(client, producer, [topics.to, topics.deadLetters]);
      return new TopicWriter(producer, topics, rules);
    } catch (thrown) {
      await closed(producer);
      throw thrown;
    }
  }

  /** Writes until the brokers have it. @throws what the client throws: some may have been written then */
  async write(records: TopicRecords, scored: ScoredValues): Promise<WrittenCounts> {
    return this.#writeAll(records, scored, async (messages) => {
      await answered("writing", this.#producer.send({ messages, acks: ProduceAcks.ALL }));
    });
  }

  /**
   * Writes, and commits positions with it: both or nothing.
   * @throws what the client throws: a reader of what is committed sees nothing of it then
   */
  async writeWithPositions(
    records: TopicRecords,
    scored: ScoredValues,
    positions: ReadonlyMap<number, number>,
    reader: GroupReader,
    generation: number,
  ): Promise<WrittenCounts> {
    const transaction = await answered("a transaction's begin", this.#producer.beginTransaction());
    try {
      const written = await this.#writeAll(records, scored, async (messages) => {
        await answered("writing", transaction.send({ messages, acks: ProduceAcks.ALL }));
      });
      await calledBack("a transaction's offsets", (done) => transaction.addConsumer(reader.consumer, done));
      for (const [partition, position] of positions) {
        await answered(
          "a transaction's offsets",
          transaction.addOffset(this.#offset(partition, position, reader, generation)),
        );
      }
      await answered("a transaction's end", transaction.commit());
      return written;
    } catch (thrown) {
      await answered("giving up a transaction", transaction.abort(), 5000).catch(() => undefined);
      throw thrown;
    }
  }

  async close(): Promise<void> {
    await closed(this.#producer);
  }

  /** The client takes the record that was read last, and commits the place behind it. */
  #offset(
    partition: number,
    position: number,
    reader: GroupReader,
    generationId: number,
  ): Parameters<NonNullable<RecordProducer["transaction"]>["addOffset"]>[0] {
    const record = {
      topic: this.#topics.from,
      partition,
      offset: BigInt(position - 1),
      metadata: { consumer: { ...reader.member, generationId } },
    };
    return record as unknown as Parameters<NonNullable<RecordProducer["transaction"]>["addOffset"]>[0];
  }

  async #writeAll(records: TopicRecords, scored: ScoredValues, send: Send): Promise<WrittenCounts> {
    const { to, deadLetters } = this.#topics;
    const { bytes, ends } = scored.written;
    const written = { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), ends };
    const batches = this.#batches;
    let [all, putAside] = [0, 0];
    for (let k = 0; k < records.count; k++) {
      if (scored.leftOut.has(k)) continue;
      all++;
      const record = scoredRecord(records, k, written);
      const isKeyless = !hasKey(records, k);
      const reason = asideReason(records, k, scored) ?? this.#refusalOf(to, record, isKeyless);
      if (reason !== undefined) putAside++;
      const topic = reason === undefined ? to : deadLetters;
      const own = reason === undefined ? record : this.#aside(records, k, reason, isKeyless);
      const partition = partitionOf(records, k, this.#rulesOf(topic).partitions);
      if (batches.add(topic, partition, own)) continue;
      await this.#flush(send);
      batches.add(topic, partition, own);
    }
    await this.#flush(send);
    return { scored: all - putAside, putAside };
  }

  async #flush(send: Send): Promise<void> {
    const { filled } = this.#batches;
    if (filled.length > 0) await send(filled);
    this.#batches.clear();
  }

  /** A record that the topic of dead letters does not take goes there without its value. */
  #aside(records: TopicRecords, k: number, reason: string, isKeyless: boolean): WrittenRecord {
    const { from, deadLetters } = this.#topics;
    const record = asideRecord(records, k, from, reason, true);
    const refusal = this.#refusalOf(deadLetters, record, isKeyless);
    if (refusal === undefined) return record;
    return asideRecord(records, k, from, `${reason}; its value is left out: ${refusal}`, false);
  }

  /** Why a topic would not take a record; undefined where it takes it. */
  #refusalOf(topic: string, record: WrittenRecord, isKeyless: boolean): string | undefined {
    const { mostBytes, needsKeys } = this.#rulesOf(topic);
    const bytes = bytesAlone(record);
    if (bytes > mostBytes)
      return `${topic} takes records of ${mostBytes} bytes (max.message.bytes), this one has ${bytes}`;
    return needsKeys && isKeyless ? `${topic} is compacted and takes no record without a key` : undefined;
  }

  #rulesOf(topic: string): TopicRules {
    return this.#rules.get(topic) as TopicRules;
  }
}

async function closed(producer: RecordProducer): Promise<void> {
  await calledBack("closing", (done) => producer.close(true, done), 5000).catch(() => undefined);
}
