import { type MessageToProduce, murmur2, ProduceAcks, Producer } from "@platformatic/kafka";
import { answered, calledBack } from "./answered.ts";
import { isFailure } from "./broker-failure.ts";
import { clientOptions, type StreamClient } from "./client-options.ts";
import type { RecordFate, TopicRecord } from "./flow-records.ts";
import type { GroupReader } from "./group-reader.ts";

/** Bytes of the values, keys and headers of one partition's records in a request: brokers take a megabyte by themselves. */
const REQUEST_BYTES = 512 << 10;

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
  readonly #partitions: ReadonlyMap<string, number>;

  private constructor(producer: Producer, topics: WriterTopics, partitions: ReadonlyMap<string, number>) {
    this.#producer = producer;
    this.#topics = topics;
    this.#partitions = partitions;
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
      const counts = new Map<string, number>();
      // One by one: of several the client names the wrong one where one is unknown.
      for (const topic of [topics.to, topics.deadLetters]) {
        const metadata = await answered("metadata", producer.metadata({ topics: [topic] }));
        counts.set(topic, metadata.topics.get(topic)?.partitionsCount ?? 1);
      }
      return new TopicWriter(producer, topics, counts);
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
    const sources = records.filter((_, k) => !("leftOut" in (fates[k] as RecordFate)));
    let putAside = 0;
    const messages = records.flatMap((record, k) => {
      const fate = fates[k] as RecordFate;
      if ("leftOut" in fate) return [];
      if ("value" in fate) return [this.#scored(record, fate.value)];
      putAside++;
      return [this.#aside(record, fate.reason)];
    });
    for (const round of rounds(messages)) {
      try {
        await send(round);
      } catch (thrown) {
        if (!isFailure(thrown, "MESSAGE_TOO_LARGE") || round.length > 1) throw thrown;
        const place = messages.indexOf(round[0] as MessageToProduce);
        putAside++;
        await send([
          this.#aside(sources[place] as TopicRecord, "with its scores it is larger than the topic takes"),
        ]);
      }
    }
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

  #aside(record: TopicRecord, reason: string): MessageToProduce {
    const { reason: why, topic, partition, offset } = ASIDE_HEADER;
    return this.#message(record, this.#topics.deadLetters, record.value, [
      [why, reason],
      [topic, this.#topics.from],
      [partition, String(record.partition)],
      [offset, String(record.offset)],
    ]);
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
    const count = this.#partitions.get(topic) as number;
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

/** Cuts messages into requests, of each partition in their order. */
function* rounds(messages: readonly MessageToProduce[]): Generator<MessageToProduce[]> {
  let round: MessageToProduce[] = [];
  const sizes = new Map<string, number>();
  for (const message of messages) {
    const place = `${message.topic}:${message.partition}`;
    const bytes = sizeOf(message);
    const size = (sizes.get(place) ?? 0) + bytes;
    if (size > REQUEST_BYTES && sizes.has(place)) {
      yield round;
      round = [];
      sizes.clear();
    }
    round.push(message);
    sizes.set(place, (sizes.get(place) ?? 0) + bytes);
    // Alone, so that it is known which one is too large.
    if (bytes > REQUEST_BYTES) {
      yield round;
      round = [];
      sizes.clear();
    }
  }
  if (round.length > 0) yield round;
}

function sizeOf({ key, value, headers }: MessageToProduce): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, text] of headers as Map<Buffer, Buffer | null>)
    bytes += name.length + (text?.length ?? 0);
  return bytes;
}
