import { type MessageToProduce, murmur2, ProduceAcks, Producer } from "@platformatic/kafka";
import { answered, calledBack } from "./answered.ts";
import { clientOptions, type StreamClient } from "./client-options.ts";
import type { RecordFate, TopicRecord } from "./flow-records.ts";
import type { GroupReader } from "./group-reader.ts";
import { readTopicRules, type TopicRules } from "./topic-rules.ts";

/** Bytes of one partition's records in a request, where its topic takes so many. */
const REQUEST_BYTES = 512 << 10;

/** What a batch, a record and a header have beside their bytes, at most. (Kafka's documentation, "Record Batch".) */
const [BATCH_BYTES, RECORD_BYTES, HEADER_BYTES] = [61, 36, 10];

/** Milliseconds after which a broker gives up a transaction, and answers that it could not write in time. */
const TRANSACTION_TIMEOUT = 15_000;

/** Names of headers that a record that is put aside has beside its own. */
export const ASIDE_HEADER = {
  reason: "oddflow.reason",
  topic: "oddflow.topic",
  partition: "oddflow.partition",
  offset: "oddflow.offset",
} as const;

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

/** Writes what came of records: to a topic, and what could not be scored to another. Keys, headers and times stay. */
export class TopicWriter {
  readonly #producer: Producer;
  readonly #topics: WriterTopics;
  readonly #rules: ReadonlyMap<string, TopicRules>;

  private constructor(producer: Producer, topics: WriterTopics, rules: ReadonlyMap<string, TopicRules>) {
    this.#producer = producer;
    this.#topics = topics;
    this.#rules = rules;
  }

  /** @param transactions whether it writes in transactions. @throws what the client throws */
  static async open(client: StreamClient, topics: WriterTopics, transactions: boolean): Promise<TopicWriter> {
    const producer = new Producer({
      ...clientOptions(client),
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
  async write(records: readonly TopicRecord[], fates: readonly RecordFate[]): Promise<WrittenCounts> {
    return this.#writeAll(records, fates, (messages) => this.#send(messages));
  }

  /**
   * Writes, and commits positions with it: both or nothing.
   * @throws what the client throws: a reader of what is committed sees nothing of it then
   */
  async writeWithPositions(
    records: readonly TopicRecord[],
    fates: readonly RecordFate[],
    positions: ReadonlyMap<number, bigint>,
    reader: GroupReader,
    generation: number,
  ): Promise<WrittenCounts> {
    const transaction = await answered("a transaction's begin", this.#producer.beginTransaction());
    try {
      const written = await this.#writeAll(records, fates, async (messages) => {
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
    position: bigint,
    reader: GroupReader,
    generationId: number,
  ): Parameters<NonNullable<Producer["transaction"]>["addOffset"]>[0] {
    const record = {
      topic: this.#topics.from,
      partition,
      offset: position - 1n,
      metadata: { consumer: { ...reader.member, generationId } },
    };
    return record as unknown as Parameters<NonNullable<Producer["transaction"]>["addOffset"]>[0];
  }

  async #writeAll(
    records: readonly TopicRecord[],
    fates: readonly RecordFate[],
    send: (messages: MessageToProduce[]) => Promise<void>,
  ): Promise<WrittenCounts> {
    let putAside = 0;
    const messages = records.flatMap((record, k) => {
      const fate = fates[k] as RecordFate;
      if ("leftOut" in fate) return [];
      if ("reason" in fate) {
        putAside++;
        return [this.#aside(record, fate.reason)];
      }
      const message = this.#scored(record, fate.value);
      const refusal = this.#refusalOf(message);
      if (refusal === undefined) return [message];
      putAside++;
      return [this.#aside(record, refusal)];
    });
    for (const round of rounds(messages, (topic) => this.#rulesOf(topic).mostBytes)) await send(round);
    return { scored: messages.length - putAside, putAside };
  }

  #scored(record: TopicRecord, value: Uint8Array): MessageToProduce {
    return this.#message(
      record,
      this.#topics.to,
      Buffer.from(value.buffer, value.byteOffset, value.length),
      [],
    );
  }

  /** A record that the topic of dead letters does not take goes there without its value. */
  #aside(record: TopicRecord, reason: string): MessageToProduce {
    const { reason: why, topic, partition, offset } = ASIDE_HEADER;
    const withValue = (value: Buffer | null, said: string): MessageToProduce =>
      this.#message(record, this.#topics.deadLetters, value, [
        [why, said],
        [topic, this.#topics.from],
        [partition, String(record.partition)],
        [offset, String(record.offset)],
      ]);
    const message = withValue(record.value, reason);
    const refusal = this.#refusalOf(message);
    return refusal === undefined ? message : withValue(null, `${reason}; its value is left out: ${refusal}`);
  }

  /** Why a topic would not take a record; undefined where it takes it. */
  #refusalOf(message: MessageToProduce): string | undefined {
    const { mostBytes, needsKeys } = this.#rulesOf(message.topic);
    const bytes = BATCH_BYTES + sizeOf(message);
    if (bytes > mostBytes)
      return `${message.topic} takes records of ${mostBytes} bytes (max.message.bytes), this one has ${bytes}`;
    const isKeyless = message.key === null || message.key === undefined;
    return needsKeys && isKeyless
      ? `${message.topic} is compacted and takes no record without a key`
      : undefined;
  }

  #rulesOf(topic: string): TopicRules {
    return this.#rules.get(topic) as TopicRules;
  }

  #message(
    record: TopicRecord,
    topic: string,
    value: Buffer | null,
    added: readonly (readonly [string, string])[],
  ): MessageToProduce {
    const { key, headers, timestamp } = record;
    // A map by buffers, of which two are two though they hold the same.
    const all = new Map<Buffer, Buffer>();
    for (const [name, text] of headers) all.set(name ?? Buffer.alloc(0), text as Buffer);
    for (const [name, text] of added) all.set(Buffer.from(name), Buffer.from(text));
    const count = this.#rulesOf(topic).partitions;
    return {
      topic,
      partition: key === null ? record.partition % count : (murmur2(key) & 0x7fff_ffff) % count,
      timestamp,
      key: key as Buffer,
      value: value as Buffer,
      headers: all,
    };
  }

  async #send(messages: MessageToProduce[]): Promise<void> {
    await answered("writing", this.#producer.send({ messages, acks: ProduceAcks.ALL }));
  }
}

async function closed(producer: Producer): Promise<void> {
  await calledBack("closing", (done) => producer.close(true, done), 5000).catch(() => undefined);
}

/** Cuts messages into requests, of each partition in their order. @param mostBytes what a topic takes */
function* rounds(
  messages: readonly MessageToProduce[],
  mostBytes: (topic: string) => number,
): Generator<MessageToProduce[]> {
  let round: MessageToProduce[] = [];
  const sizes = new Map<string, number>();
  for (const message of messages) {
    const place = `${message.topic}:${message.partition}`;
    const bytes = sizeOf(message);
    const size = (sizes.get(place) ?? BATCH_BYTES) + bytes;
    if (size > Math.min(REQUEST_BYTES, mostBytes(message.topic)) && sizes.has(place)) {
      yield round;
      round = [];
      sizes.clear();
    }
    round.push(message);
    sizes.set(place, (sizes.get(place) ?? BATCH_BYTES) + bytes);
  }
  if (round.length > 0) yield round;
}

function sizeOf({ key, value, headers }: MessageToProduce): number {
  let bytes = RECORD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, text] of headers as Map<Buffer, Buffer | null>)
    bytes += HEADER_BYTES + name.length + (text?.length ?? 0);
  return bytes;
}
