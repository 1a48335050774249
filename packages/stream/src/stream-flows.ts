import { setTimeout as wait } from "node:timers/promises";
import { OddflowError } from "@oddflow/preprocessing";
import { answered } from "./answered.ts";
import { innermostReason, noTopic, refusalOf, unknownTopic, unreachable } from "./broker-failure.ts";
import { addCompressions } from "./compressions.ts";
import type { ScoredValues, ValueScoring } from "./flow-records.ts";
import { type FetchedRecords, GroupReader } from "./group-reader.ts";
import type { KafkaAddress } from "./kafka-address.ts";
import type { KafkaSecurity } from "./kafka-security.ts";
import { joinValues } from "./topic-records.ts";
import { TopicWriter } from "./topic-writer.ts";

/** From where, to where and how flows are scored. */
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

/** Hears what a stream does. */
export interface StreamWatch {
  /** Records were written, of which some were put aside. */
  onWritten(counts: { readonly scored: number; readonly putAside: number }): void;
  /** How many records wait in each partition that is this member's. */
  onLag(lag: ReadonlyMap<number, number>): void;
  /** Something failed, and is begun anew from what is committed. */
  onRestart(reason: string): void;
}

/** Milliseconds between two tries, and for how long it is tried. */
const [BETWEEN_TRIES, PATIENCE] = [1000, 60_000];

/** Milliseconds in which a topic that has just been made gets known to all brokers. */
const TOPIC_PATIENCE = 5000;

/** Milliseconds between two commits: what was written since comes again after a crash. */
const COMMIT_INTERVAL = 250;

/** Milliseconds for what has to end before a session does: a last commit where partitions are shared out anew, what is being written. */
const END_PATIENCE = 5000;

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

/** A member of the group and a writer, until one of them fails. */
class Session {
  readonly #options: StreamFlowsOptions;
  readonly #reader: GroupReader;
  readonly #writer: TopicWriter;
  /** Batches that are scored and written while others are read, each written when those before it are. */
  readonly #onTheWay: Promise<void>[] = [];
  /** What went wrong with one of them. */
  #failure: { readonly thrown: unknown } | undefined;
  /** Positions that have been written and are not committed. */
  readonly #written = new Map<number, number>();
  #committedAt = Date.now();

  private constructor(options: StreamFlowsOptions, reader: GroupReader, writer: TopicWriter) {
    this.#options = options;
    this.#reader = reader;
    this.#writer = writer;
  }

  static async open(options: StreamFlowsOptions): Promise<Session> {
    const { from, to, deadLetters, security, isExactlyOnce, scoring } = options;
    const topics = { from: from.topic, to: to.topic, deadLetters: deadLetters.topic };
    const writer = await TopicWriter.open({ brokers: to.brokers, security }, topics, isExactlyOnce);
    try {
      const source = { brokers: from.brokers, security };
      const reader = await GroupReader.open(source, from.topic, from.group, scoring.spare);
      return new Session(options, reader, writer);
    } catch (thrown) {
      await writer.close();
      throw thrown;
    }
  }

  /** @param onWell is told whenever brokers have answered */
  async run(onWell: () => void): Promise<void> {
    const { signal, scoring, watch } = this.#options;
    while (!signal.aborted) {
      if (this.#reader.isStale) {
        // What is on its way may be another member's by now.
        await this.#settle(0);
        await this.#commit();
        if (this.#written.size === 0) await this.#reader.refresh();
      }
      const fetched = await this.#reader.fetch();
      if (this.#failure !== undefined) throw this.#failure.thrown;
      if (fetched === undefined) continue;
      onWell();
      watch.onLag(this.#reader.lag);
      const isIdle = fetched.ends.size === 0;
      if (!isIdle) this.#send(fetched);
      await this.#settle(isIdle ? 0 : scoring.batchesAtOnce - 1);
      if (isIdle || Date.now() - this.#committedAt >= COMMIT_INTERVAL) await this.#commit();
    }
    await this.#settle(0);
    await this.#commit();
    for (const until = Date.now() + END_PATIENCE; this.#written.size > 0 && Date.now() < until; ) {
      await this.#reader.settle();
      await this.#commit();
    }
  }

  /** What is being written ends before, a transaction above all; what is behind it is given up. */
  async close(): Promise<void> {
    this.#failure ??= { thrown: new Error("the session ends") };
    const ended = Promise.allSettled(this.#onTheWay);
    await answered("what is being written", ended, END_PATIENCE).catch(() => undefined);
    await this.#reader.close();
    await this.#writer.close();
  }

  /** Has a batch scored, and written behind those before it. */
  #send(fetched: FetchedRecords): void {
    const { scoring } = this.#options;
    const scored = scoring.score(joinValues(fetched.records, scoring.spare));
    const before = this.#onTheWay.at(-1);
    const sent = Promise.all([scored, before]).then(([own]) => this.#deliver(fetched, own));
    sent.catch((thrown: unknown) => {
      this.#failure ??= { thrown };
    });
    this.#onTheWay.push(sent);
  }

  /** Waits until no more than so many batches are on their way. @throws what scoring or writing one of them throws */
  async #settle(most: number): Promise<void> {
    while (this.#onTheWay.length > most) {
      await this.#onTheWay[0];
      this.#onTheWay.shift();
    }
  }

  async #deliver(fetched: FetchedRecords, scored: ScoredValues): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.thrown;
    await this.#write(fetched, scored);
    const { spare } = this.#options.scoring;
    for (const memory of [...fetched.memory, scored.written.bytes.buffer]) spare.give(memory);
  }

  async #write({ records, ends, generation }: FetchedRecords, scored: ScoredValues): Promise<void> {
    const { isExactlyOnce, watch } = this.#options;
    if (isExactlyOnce) {
      // Of a generation that has ended the broker takes no offsets; what was read comes again.
      if (generation !== this.#reader.generation) return;
      watch.onWritten(await this.#writer.writeWithPositions(records, scored, ends, this.#reader, generation));
      return;
    }
    watch.onWritten(await this.#writer.write(records, scored));
    for (const [partition, position] of ends) this.#written.set(partition, position);
  }

  /** What cannot be committed, since partitions are shared out anew, is committed later as far as it stays this member's. */
  async #commit(): Promise<void> {
    this.#committedAt = Date.now();
    if (this.#options.isExactlyOnce || this.#written.size === 0) return;
    const positions = new Map(this.#written);
    if (!(await this.#reader.commit(positions))) return;
    // More may have been written meanwhile.
    for (const [partition, position] of positions)
      if (this.#written.get(partition) === position) this.#written.delete(partition);
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
