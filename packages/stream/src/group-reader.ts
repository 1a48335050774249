import {
  Admin,
  type ClusterMetadata,
  type Consumer,
  FetchIsolationLevels,
  ListOffsetTimestamps,
} from "@platformatic/kafka";
import { answered, calledBack } from "./answered.ts";
import { isFailure } from "./broker-failure.ts";
import { clientOptions, type StreamClient } from "./client-options.ts";
import { committedOffsets } from "./committed-offsets.ts";
import type { FetchResponse } from "./fetch-response.ts";
import { wantedBatches } from "./fetched-records.ts";
import type { SpareMemory } from "./flow-records.ts";
import { GroupShare } from "./group-share.ts";
import { openRecordConsumer } from "./record-consumer.ts";
import { readRecords, type TopicRecords, type WantedBatch } from "./topic-records.ts";

/** Records that were read together, and how far they reach. */
export interface FetchedRecords {
  /** Of one partition in the order of their offsets. */
  readonly records: TopicRecords;
  /** The positions behind them, by partition. */
  readonly ends: ReadonlyMap<number, number>;
  /** The group's generation in which they were read. */
  readonly generation: number;
  /** Memory that is the caller's when it needs the records no more. */
  readonly memory: readonly ArrayBuffer[];
}

/** Bytes of a fetch: in all, and of a partition. One record more comes whatever its size. */
const [FETCHED_BYTES, PARTITION_BYTES] = [4 << 20, 1 << 20];

/** Milliseconds that a broker waits for the first record: with several brokers one that has none must not hold up the others. */
const [LONG_WAIT, SHORT_WAIT] = [500, 50];

/** Milliseconds: a member that says nothing for so long has gone; how often it says something; how long a rebalance may take. */
const [SESSION_TIMEOUT, HEARTBEAT_INTERVAL, REBALANCE_TIMEOUT] = [10_000, 2000, 30_000];

/** How a broker refuses a commit where partitions are shared out anew: the member is told of its own when it says something next. */
const SHARED_OUT_ANEW = ["REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID"];

/** A member of a consumer group, which reads the partitions of a topic that are its own. */
export class GroupReader {
  readonly group: string;
  readonly #topic: string;
  readonly #consumer: Consumer;
  readonly #admin: Admin;
  readonly #share: GroupShare;
  /** Where to go on, by partition. */
  #positions = new Map<number, number>();
  /** How far each partition reaches. */
  readonly #ends = new Map<number, number>();
  #generation = -1;
  /** The topic's, when the group was joined. */
  #partitions = 0;
  #memberId: string | null = null;
  #failure: { readonly thrown: unknown } | undefined;

  private constructor(client: StreamClient, topic: string, group: string, spare: SpareMemory) {
    this.group = group;
    this.#topic = topic;
    const options = {
      ...clientOptions(client),
      groupId: group,
      autocommit: false,
      sessionTimeout: SESSION_TIMEOUT,
      heartbeatInterval: HEARTBEAT_INTERVAL,
      rebalanceTimeout: REBALANCE_TIMEOUT,
      isolationLevel: FetchIsolationLevels.READ_COMMITTED,
    };
    this.#consumer = openRecordConsumer(options, spare);
    this.#share = new GroupShare(this.#consumer, topic);
    this.#admin = new Admin(clientOptions(client));
    this.#admin.on("error", () => undefined);
    // Such as where it could not join its group again.
    this.#consumer.on("error", (thrown: unknown) => {
      this.#failure ??= { thrown };
    });
    this.#consumer.topics.trackAll(topic);
  }

  /** Joins the group. @param spare whose memory is read into @throws what the client throws */
  static async open(
    client: StreamClient,
    topic: string,
    group: string,
    spare: SpareMemory,
  ): Promise<GroupReader> {
    const reader = new GroupReader(client, topic, group, spare);
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
    return this.#share.own.generation !== this.#generation;
  }

  /** The group's generation, which is ahead of what was read while partitions are shared out anew. */
  get generation(): number {
    return this.#consumer.generationId;
  }

  /** How many records wait in each partition that is this member's. */
  get lag(): ReadonlyMap<number, number> {
    const lag = [...this.#positions].map(([partition, position]): [number, number] => [
      partition,
      Math.max(0, (this.#ends.get(partition) ?? position) - position),
    ]);
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

  /** Waits a while for partitions to be shared out. @throws what `GroupShare.settle` throws */
  async settle(): Promise<void> {
    await this.#share.settle(LONG_WAIT, 2 * REBALANCE_TIMEOUT);
  }

  /** Goes on from what is committed, after partitions were shared out anew. @throws what the client throws */
  async refresh(): Promise<void> {
    await this.#findPositions();
  }

  /**
   * Reads what comes next; nothing where nothing came in half a second.
   * @returns undefined where partitions are shared out anew and nothing was read
   * @throws what the client throws; what went wrong with the membership meanwhile
   */
  async fetch(): Promise<FetchedRecords | undefined> {
    if (this.#failure !== undefined) throw this.#failure.thrown;
    if (this.#share.isPending) await this.settle();
    if (this.#share.isPending || this.isStale) return undefined;
    const metadata = await answered("metadata", this.#consumer.metadata({ topics: [this.#topic] }));
    this.#checkPartitions(metadata);
    const byLeader = partitionsByLeader(metadata, this.#topic, [...this.#positions.keys()]);
    const maxWaitTime = byLeader.size > 1 ? SHORT_WAIT : LONG_WAIT;
    const generation = this.#generation;
    if (byLeader.size === 0) await new Promise((resolve) => setTimeout(resolve, maxWaitTime));
    const fetched = await Promise.all(
      [...byLeader].map(([node, partitions]) => this.#fetchFrom(node, partitions, metadata, maxWaitTime)),
    );
    const ends = new Map<number, number>();
    const batches: WantedBatch[] = [];
    const answers = fetched.flatMap((own) => own ?? []);
    for (const partition of answers.flatMap(({ responses }) => responses.flatMap((own) => own.partitions))) {
      const position = this.#positions.get(partition.partitionIndex) as number;
      const { wanted, next } = wantedBatches(partition, position);
      for (const batch of wanted) batches.push(batch);
      this.#ends.set(partition.partitionIndex, partition.highWatermark);
      if (next !== position) ends.set(partition.partitionIndex, next);
    }
    const records = readRecords(batches);
    for (const [partition, next] of ends) this.#positions.set(partition, next);
    const memory = answers.map(({ bytes }) => bytes.buffer as ArrayBuffer);
    return { records, ends, generation, memory };
  }

  /**
   * Commits positions that were read since `refresh`, but for those of partitions that are not this member's any more: another may have
   * committed more of them. Where partitions were shared out more than once meanwhile, all may have been another's.
   * @returns false where partitions are shared out anew just now: then nothing was committed, and may be when that is over
   * @throws what the client throws
   */
  async commit(positions: ReadonlyMap<number, number>): Promise<boolean> {
    if (this.#share.isPending) return false;
    const { generation, memberId, partitions } = this.#share.own;
    if (memberId !== this.#memberId || generation > this.#generation + 1) return true;
    const offsets = [...positions]
      .filter(([partition]) => partitions.includes(partition))
      .map(([partition, offset]) => ({
        topic: this.#topic,
        partition,
        offset: BigInt(offset),
        leaderEpoch: -1,
      }));
    if (offsets.length === 0) return true;
    try {
      await answered("a commit", this.#consumer.commit({ offsets }));
      return true;
    } catch (thrown) {
      if (!SHARED_OUT_ANEW.some((name) => isFailure(thrown, name))) throw thrown;
      if (this.#share.own.generation === generation) this.#share.refuse();
      return false;
    }
  }

  /** Leaves the group. Never rejects: a member that cannot say that it goes is missed after a while. */
  async close(): Promise<void> {
    const { connections } = this.#consumer;
    await calledBack("leaving the group", (done) => this.#consumer.close(true, done), 5000).catch(
      // The client keeps its connections where it could not say that it goes.
      () => calledBack("closing", (done) => connections.close(done), 5000).catch(() => undefined),
    );
    await calledBack("closing", (done) => this.#admin.close(done), 5000).catch(() => undefined);
  }

  /** @throws Error where there are more than were shared out: a new session has all of them shared out */
  #checkPartitions(metadata: ClusterMetadata): void {
    const partitions = metadata.topics.get(this.#topic)?.partitionsCount ?? 0;
    if (partitions === this.#partitions) return;
    throw new Error(`topic ${this.#topic} has ${partitions} partitions now, ${this.#partitions} before`);
  }

  /** @returns undefined where positions were not there any more, and others are tried next */
  async #fetchFrom(
    node: number,
    partitions: readonly number[],
    metadata: ClusterMetadata,
    maxWaitTime: number,
  ): Promise<FetchResponse | undefined> {
    const topic = {
      topicId: metadata.topics.get(this.#topic)?.id ?? "",
      partitions: partitions.map((partition) => ({
        partition,
        currentLeaderEpoch: -1,
        fetchOffset: BigInt(this.#positions.get(partition) as number),
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
      return (await answered("a fetch", fetching)) as unknown as FetchResponse;
    } catch (thrown) {
      if (!isFailure(thrown, "OFFSET_OUT_OF_RANGE")) throw thrown;
      // What was not read in time has been deleted; a topic that was made anew has less than was read.
      const earliest = await this.#offsets(ListOffsetTimestamps.EARLIEST);
      const latest = await this.#offsets(ListOffsetTimestamps.LATEST);
      for (const partition of partitions) {
        const position = this.#positions.get(partition) as number;
        const first = earliest[partition] ?? 0;
        if (position < first || position > (latest[partition] ?? first))
          this.#positions.set(partition, first);
      }
      return undefined;
    }
  }

  async #findPositions(): Promise<void> {
    const { generation, memberId, partitions } = this.#share.own;
    const positions = new Map<number, number>();
    if (partitions.length > 0) {
      const committed = await committedOffsets(this.#admin, this.group, this.#topic, partitions);
      const earliest = await this.#offsets(ListOffsetTimestamps.EARLIEST);
      for (const partition of partitions)
        positions.set(partition, committed.get(partition) ?? earliest[partition] ?? 0);
    }
    this.#positions = positions;
    this.#generation = generation;
    this.#memberId = memberId;
  }

  async #offsets(timestamp: bigint): Promise<readonly (number | undefined)[]> {
    const listed = await answered(
      "offsets",
      this.#consumer.listOffsets({ topics: [this.#topic], timestamp }),
    );
    return (listed.get(this.#topic) ?? []).map(Number);
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
