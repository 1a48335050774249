import { setTimeout as wait } from "node:timers/promises";
import { OddflowError } from "@oddflow/preprocessing";
import { innermostReason, noTopic, refusalOf, unknownTopic, unreachable } from "./broker-failure.ts";
import { addCompressions } from "./compressions.ts";
import type { RecordFate, TopicRecord, ValueScoring } from "./flow-records.ts";
import { type FetchedRecords, GroupReader } from "./group-reader.ts";
import type { KafkaAddress } from "./kafka-address.ts";
import type { KafkaSecurity } from "./kafka-security.ts";
import { TopicWriter } from "./topic-writer.ts";

export interface StreamFlowsOptions {
  readonly from: KafkaAddress & { readonly group: string };
  readonly to: KafkaAddress;
  /** Where what cannot be scored is put aside; at the brokers of `to`. */
  readonly deadLetters: KafkaAddress;
  readonly security: KafkaSecurity;
  /** Writes in transactions, which hold the positions, too; `from` and `to` are at the same brokers. */
  readonly isExactlyOnce: boolean;
  readonly scoring: ValueScoring;
  /** Ends the stream: what has been read is written and committed. */
  readonly signal: AbortSignal;
  /** Hears what the stream does. */
  readonly watch: StreamWatch;
}

export interface StreamWatch {
  /** Records were written, of which some were put aside. */
  onWritten(counts: { readonly scored: number; readonly putAside: number }): void;
  /** How many records wait in each partition that is this member's. */
  onLag(lag: ReadonlyMap<number, bigint>): void;
  /** Something failed, and is begun anew from what is committed. */
  onRestart(reason: string): void;
}

/** Milliseconds between two tries, and for how long it is tried. */
const [BETWEEN_TRIES, PATIENCE] = [1000, 60_000];

/** Milliseconds in which a topic that has just been made gets known to all brokers. */
const TOPIC_PATIENCE = 5000;

/** Milliseconds between two commits: what was written since comes again after a crash. */
const COMMIT_INTERVAL = 250;

/** Why a record without a value is put aside. */
const TOMBSTONE = "it has no value (a tombstone)";

/**
 * Scores the records of a topic into another, until it is told to end. What has been read is committed when it has been written. Whatever
 * fails begins anew from what is committed; where that does not help for a minute it gives up.
 * @throws OddflowError BROKER_REFUSED, BROKER_UNREACHABLE; what scoring throws. What was not committed comes again.
 */
export async function streamFlows(options: StreamFlowsOptions): Promise<void> {
  const { from, to, signal, watch } = options;
  addCompressions();
  let wellAt = Date.now();
  while (!signal.aborted) {
    let session: Session | undefined;
    try {
      session = await Session.open(options);
      await session.run(() => {
        wellAt = Date.now();
      });
    } catch (thrown) {
      const refusal = refusalOf(thrown, session === undefined ? from : to);
      if (refusal !== undefined) throw refusal;
      if (signal.aborted) return;
      const unknown = unknownTopic(thrown);
      if (unknown !== undefined && Date.now() - wellAt > TOPIC_PATIENCE)
        throw noTopic(unknown, (unknown === from.topic ? from : to).brokers, thrown);
      if (Date.now() - wellAt > PATIENCE) throw unreachable(thrown, from, PATIENCE / 1000);
      watch.onRestart(innermostReason(thrown));
      await wait(BETWEEN_TRIES, undefined, { signal }).catch(() => undefined);
    } finally {
      await session?.close();
    }
  }
}

/** Records that are on their way. */
interface Batch extends FetchedRecords {
  readonly fates: Promise<readonly RecordFate[]>;
}

/** A member of the group and a writer, until one of them fails. */
class Session {
  readonly #options: StreamFlowsOptions;
  readonly #reader: GroupReader;
  readonly #writer: TopicWriter;
  /** Positions that have been written and are not committed. */
  readonly #written = new Map<number, bigint>();
  #committedAt = Date.now();

  private constructor(options: StreamFlowsOptions, reader: GroupReader, writer: TopicWriter) {
    this.#options = options;
    this.#reader = reader;
    this.#writer = writer;
  }

  static async open(options: StreamFlowsOptions): Promise<Session> {
    const { from, to, deadLetters, security, isExactlyOnce } = options;
    const topics = { from: from.topic, to: to.topic, deadLetters: deadLetters.topic };
    const writer = await TopicWriter.open({ brokers: to.brokers, security }, topics, isExactlyOnce);
    try {
      const reader = await GroupReader.open({ brokers: from.brokers, security }, from.topic, from.group);
      return new Session(options, reader, writer);
    } catch (thrown) {
      await writer.close();
      throw thrown;
    }
  }

  /** @param onWell is told whenever brokers have answered */
  async run(onWell: () => void): Promise<void> {
    const { signal, scoring, watch } = this.#options;
    const waiting: Batch[] = [];
    while (!signal.aborted) {
      if (this.#reader.isStale) {
        // What is on its way may be another member's by now.
        await this.#drain(waiting);
        await this.#commit();
        await this.#reader.refresh();
      }
      const fetched = await this.#reader.fetch();
      onWell();
      watch.onLag(this.#reader.lag);
      if (fetched.ends.size > 0) waiting.push({ ...fetched, fates: this.#score(fetched.records) });
      while (waiting.length >= scoring.batchesAtOnce || (waiting.length > 0 && fetched.ends.size === 0))
        await this.#deliver(waiting.shift() as Batch);
      if (fetched.ends.size === 0 || Date.now() - this.#committedAt >= COMMIT_INTERVAL) await this.#commit();
    }
    await this.#drain(waiting);
    await this.#commit();
  }

  async close(): Promise<void> {
    await this.#reader.close();
    await this.#writer.close();
  }

  #score(records: readonly TopicRecord[]): Promise<readonly RecordFate[]> {
    const values = records.flatMap(({ value }) => (value === null ? [] : [value]));
    const scored = this.#options.scoring.score(values);
    const fates = scored.then((own) => {
      let next = 0;
      return records.map(({ value }) =>
        value === null ? { reason: TOMBSTONE } : (own[next++] as RecordFate),
      );
    });
    // Thrown where it is waited for.
    fates.catch(() => undefined);
    return fates;
  }

  async #drain(waiting: Batch[]): Promise<void> {
    for (const batch of waiting.splice(0)) await this.#deliver(batch);
  }

  async #deliver({ records, ends, generation, fates }: Batch): Promise<void> {
    const { isExactlyOnce, watch } = this.#options;
    const found = await fates;
    if (isExactlyOnce) {
      // Of a generation that has ended the broker takes no offsets; what was read comes again.
      if (this.#reader.isStale) return;
      watch.onWritten(await this.#writer.writeWithPositions(records, found, ends, this.#reader, generation));
      return;
    }
    watch.onWritten(await this.#writer.write(records, found));
    for (const [partition, position] of ends) this.#written.set(partition, position);
  }

  async #commit(): Promise<void> {
    this.#committedAt = Date.now();
    if (this.#options.isExactlyOnce || this.#written.size === 0) return;
    await this.#reader.commit(this.#written);
    this.#written.clear();
  }
}

interface StreamAddresses {
  readonly from: KafkaAddress;
  readonly to: KafkaAddress;
  readonly deadLetters: KafkaAddress;
}

/** @throws OddflowError USAGE for addresses that cannot go together */
export function checkAddresses({
  from,
  to,
  deadLetters,
  isExactlyOnce,
}: StreamAddresses & { readonly isExactlyOnce: boolean }): void {
  const refuse = (problem: string): never => {
    throw new OddflowError("USAGE", problem);
  };
  const brokersOf = ({ brokers }: KafkaAddress): string => [...brokers].sort().join();
  if (brokersOf(to) !== brokersOf(deadLetters))
    refuse("--dead-letters: name the brokers of --to; both are written by one client");
  if (isExactlyOnce && brokersOf(from) !== brokersOf(to))
    refuse("--exactly-once: a transaction is of one cluster; --from and --to name different brokers");
  if (brokersOf(from) === brokersOf(to) && [to.topic, deadLetters.topic].includes(from.topic))
    refuse(`topic ${from.topic} is read and written; what is written would come again`);
  if (to.topic === deadLetters.topic)
    refuse(`topic ${to.topic} is --to and --dead-letters; name another for one of them`);
  if (to.group !== undefined || deadLetters.group !== undefined) refuse("only --from has a group");
}
