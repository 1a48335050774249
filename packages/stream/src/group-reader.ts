import {
  Admin,
  type ClusterMetadata,
  Consumer,
  FetchIsolationLevels,
  ListOffsetTimestamps,
} from "@platformatic/kafka";
import { answered, calledBack } from "./answered.ts";
import { isFailure } from "./broker-failure.ts";
import { clientOptions, type StreamClient } from "./client-options.ts";
import { committedOffsets } from "./committed-offsets.ts";
import { recordsOf } from "./fetched-records.ts";
import type { TopicRecord } from "./flow-records.ts";

/** Records that were read together, and how far they reach. */
export interface FetchedRecords {
  /** Of one partition in the order of their offsets. */
  readonly records: readonly TopicRecord[];
  /** The positions behind them, by partition. */
  readonly ends: ReadonlyMap<number, bigint>;
  /** The group's generation in which they were read. */
  readonly generation: number;
}

/** Bytes of a fetch: in all, and of a partition. One record more comes whatever its size. */
const [FETCHED_BYTES, PARTITION_BYTES] = [4 << 20, 1 << 20];

/** Milliseconds that a broker waits for the first record: with several brokers one that has none must not hold up the others. */
const [LONG_WAIT, SHORT_WAIT] = [500, 50];

/** Milliseconds: a member that says nothing for so long has gone; how often it says something; how long a rebalance may take. */
const [SESSION_TIMEOUT, HEARTBEAT_INTERVAL, REBALANCE_TIMEOUT] = [10_000, 2000, 30_000];

/** A member of a consumer group, which reads the partitions of a topic that are its own. */
export class GroupReader {
  readonly group: string;
  readonly #topic: string;
  readonly #consumer: Consumer;
  readonly #admin: Admin;
  /** Where to go on, by partition. */
  #positions = new Map<number, bigint>();
  /** How far each partition reaches. */
  readonly #ends = new Map<number, bigint>();
  #generation = -1;
  /** The topic's, when the group was joined. */
  #partitions = 0;
  #memberId: string | null = null;
  #failure: { readonly thrown: unknown } | undefined;

  private constructor(client: StreamClient, topic: string, group: string) {
    this.group = group;
    this.#topic = topic;
    this.#consumer = new Consumer({
      ...clientOptions(client),
      groupId: group,
      autocommit: false,
      sessionTimeout: SESSION_TIMEOUT,
      heartbeatInterval: HEARTBEAT_INTERVAL,
      rebalanceTimeout: REBALANCE_TIMEOUT,
      isolationLevel: FetchIsolationLevels.READ_COMMITTED,
    });
    this.#admin = new Admin(clientOptions(client));
    this.#admin.on("error", () => undefined);
    // Such as where it could not join its group again.
    this.#consumer.on("error", (thrown: unknown) => {
      this.#failure ??= { thrown };
    });
    this.#consumer.topics.trackAll(topic);
  }

  /** Joins the group. @throws what the client throws */
  static async open(client: StreamClient, topic: string, group: string): Promise<GroupReader> {
    const reader = new GroupReader(client, topic, group);
    try {
      const metadata = await answered("metadata", reader.#consumer.metadata({ topics: [topic] }));
      reader.#partitions = metadata.topics.get(topic)?.partitionsCount ?? 0;
      await answered("joining the group", reader.#consumer.joinGroup(), 2 * REBALANCE_TIMEOUT);
      await reader.#findPositions();
      return reader;
    } catch (thrown) {
      await reader.close();
      throw thrown;
    }
  }

  /** Whether partitions were shared out anew since the last reading: what was read before may be another's. */
  get isStale(): boolean {
    return this.#consumer.generationId !== this.#generation;
  }

  /** How many records wait in each partition that is this member's. */
  get lag(): ReadonlyMap<number, bigint> {
    const lag = [...this.#positions].map(([partition, position]): [number, bigint] => {
      const waiting = (this.#ends.get(partition) ?? position) - position;
      return [partition, waiting > 0n ? waiting : 0n];
    });
    return new Map(lag);
  }

  /** Who it is in the group, for a transaction. */
  get member(): { readonly groupId: string; readonly memberId: string; readonly coordinatorId: number } {
    const { memberId, coordinatorId } = this.#consumer;
    return { groupId: this.group, memberId: memberId ?? "", coordinatorId: coordinatorId ?? 0 };
  }

  /** What a transaction adds its offsets by. */
  get consumer(): Consumer {
    return this.#consumer;
  }

  /** Goes on from what is committed, after partitions were shared out anew. @throws what the client throws */
  async refresh(): Promise<void> {
    await this.#findPositions();
  }

  /**
   * Reads what comes next; nothing where nothing came in half a second, or partitions are shared out anew.
   * @throws what the client throws; what went wrong with the membership meanwhile
   */
  async fetch(): Promise<FetchedRecords> {
    if (this.#failure !== undefined) throw this.#failure.thrown;
    const metadata = await answered("metadata", this.#consumer.metadata({ topics: [this.#topic] }));
    this.#checkPartitions(metadata);
    const byLeader = partitionsByLeader(metadata, this.#topic, [...this.#positions.keys()]);
    const maxWaitTime = byLeader.size > 1 ? SHORT_WAIT : LONG_WAIT;
    const generation = this.#generation;
    if (byLeader.size === 0) await new Promise((resolve) => setTimeout(resolve, maxWaitTime));
    const fetched = await Promise.all(
      [...byLeader].map(([node, partitions]) => this.#fetchFrom(node, partitions, metadata, maxWaitTime)),
    );
    const ends = new Map<number, bigint>();
    const records: TopicRecord[] = [];
    for (const partition of fetched.flat()) {
      const own = recordsOf(partition, this.#positions.get(partition.partitionIndex) as bigint);
      for (const record of own.records) records.push(record);
      this.#ends.set(partition.partitionIndex, partition.highWatermark);
      if (own.next === this.#positions.get(partition.partitionIndex)) continue;
      ends.set(partition.partitionIndex, own.next);
      this.#positions.set(partition.partitionIndex, own.next);
    }
    return { records, ends, generation };
  }

  /**
   * Commits positions that were read since `refresh`, but for those of partitions that are not this member's any more: another may have
   * committed more of them. Where partitions were shared out more than once meanwhile, all may have been another's.
   * @throws what the client throws, also where partitions are shared out anew just now
   */
  async commit(positions: ReadonlyMap<number, bigint>): Promise<void> {
    const { generationId, memberId } = this.#consumer;
    if (memberId !== this.#memberId || generationId > this.#generation + 1) return;
    const own = new Set(this.#assigned);
    const offsets = [...positions]
      .filter(([partition]) => own.has(partition))
      .map(([partition, offset]) => ({ topic: this.#topic, partition, offset, leaderEpoch: -1 }));
    if (offsets.length > 0) await answered("a commit", this.#consumer.commit({ offsets }));
  }

  /** Leaves the group. Never rejects: a member that cannot say that it goes is missed after a while. */
  async close(): Promise<void> {
    await calledBack("leaving the group", (done) => this.#consumer.close(true, done), 5000).catch(
      () => undefined,
    );
    await calledBack("closing", (done) => this.#admin.close(done), 5000).catch(() => undefined);
  }

  /** @throws Error where there are more than were shared out: a new session has all of them shared out */
  #checkPartitions(metadata: ClusterMetadata): void {
    const partitions = metadata.topics.get(this.#topic)?.partitionsCount ?? 0;
    if (partitions === this.#partitions) return;
    throw new Error(`topic ${this.#topic} has ${partitions} partitions now, ${this.#partitions} before`);
  }

  async #fetchFrom(
    node: number,
    partitions: readonly number[],
    metadata: ClusterMetadata,
    maxWaitTime: number,
  ): Promise<Awaited<ReturnType<Consumer["fetch"]>>["responses"][number]["partitions"]> {
    const topic = {
      topicId: metadata.topics.get(this.#topic)?.id ?? "",
      partitions: partitions.map((partition) => ({
        partition,
        currentLeaderEpoch: -1,
        fetchOffset: this.#positions.get(partition) as bigint,
        lastFetchedEpoch: -1,
        partitionMaxBytes: PARTITION_BYTES,
      })),
    };
    try {
      const fetching = this.#consumer.fetch({
        node,
        topics: [topic],
        maxWaitTime,
        minBytes: 1,
        maxBytes: FETCHED_BYTES,
      });
      return (await answered("a fetch", fetching)).responses.flatMap((response) => response.partitions);
    } catch (thrown) {
      if (!isFailure(thrown, "OFFSET_OUT_OF_RANGE")) throw thrown;
      // What was not read in time has been deleted; a topic that was made anew has less than was read.
      const earliest = await this.#offsets(ListOffsetTimestamps.EARLIEST);
      const latest = await this.#offsets(ListOffsetTimestamps.LATEST);
      for (const partition of partitions) {
        const position = this.#positions.get(partition) as bigint;
        const first = earliest[partition] ?? 0n;
        if (position < first || position > (latest[partition] ?? first))
          this.#positions.set(partition, first);
      }
      return [];
    }
  }

  get #assigned(): readonly number[] {
    return this.#consumer.assignments?.find(({ topic }) => topic === this.#topic)?.partitions ?? [];
  }

  async #findPositions(): Promise<void> {
    const { generationId, memberId } = this.#consumer;
    const own = this.#assigned;
    const positions = new Map<number, bigint>();
    if (own.length > 0) {
      const committed = await committedOffsets(this.#admin, this.group, this.#topic, own);
      const earliest = await this.#offsets(ListOffsetTimestamps.EARLIEST);
      for (const partition of own)
        positions.set(partition, committed.get(partition) ?? earliest[partition] ?? 0n);
    }
    this.#positions = positions;
    this.#generation = generationId;
    this.#memberId = memberId;
  }

  async #offsets(timestamp: bigint): Promise<readonly (bigint | undefined)[]> {
    const listed = await answered(
      "offsets",
      this.#consumer.listOffsets({ topics: [this.#topic], timestamp }),
    );
    return listed.get(this.#topic) ?? [];
  }
}

function partitionsByLeader(
  metadata: ClusterMetadata,
  topic: string,
  own: readonly number[],
): ReadonlyMap<number, readonly number[]> {
  const byLeader = new Map<number, number[]>();
  for (const partition of own) {
    const leader = metadata.topics.get(topic)?.partitions[partition]?.leader;
    if (leader === undefined) continue;
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), partition]);
  }
  return byLeader;
}
