import { type Consumer, TimeoutError } from "@platformatic/kafka";

/** The partitions of a topic that are a member's, since its group has shared them out last. */
export interface OwnPartitions {
  readonly generation: number;
  readonly memberId: string | null;
  readonly partitions: readonly number[];
}

/** How a group shares out the partitions of a topic, as a member of it is told. */
export class GroupShare {
  readonly #consumer: Consumer;
  #own: OwnPartitions = { generation: -1, memberId: null, partitions: [] };
  /** Whether the broker has said that `#own` holds no more. */
  #isRefused = false;
  #pendingSince: number | undefined;

  constructor(consumer: Consumer, topic: string) {
    this.#consumer = consumer;
    consumer.on("consumer:group:join", ({ generationId = -1, memberId, assignments }) => {
      const partitions = assignments?.find((own) => own.topic === topic)?.partitions ?? [];
      this.#own = { generation: generationId, memberId, partitions };
      this.#isRefused = false;
      this.#pendingSince = undefined;
    });
  }

  /** As they were shared out last. */
  get own(): OwnPartitions {
    return this.#own;
  }

  /** Whether they are shared out anew just now: the group has another generation, and what is this member's in it is still to be told. */
  get isPending(): boolean {
    const { generationId, memberId } = this.#consumer;
    return this.#isRefused || generationId !== this.#own.generation || memberId !== this.#own.memberId;
  }

  /** Takes note that the broker has refused a commit, since they are shared out anew. */
  refuse(): void {
    this.#isRefused = true;
  }

  /**
   * Waits until they are shared out, or for so long.
   * @param patience milliseconds that it may take in all
   * @throws TimeoutError where it takes longer
   */
  async settle(milliseconds: number, patience: number): Promise<void> {
    this.#pendingSince ??= Date.now();
    if (Date.now() - this.#pendingSince > patience)
      throw new TimeoutError(`partitions were not shared out for ${patience / 1000} s`);
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#consumer.off("consumer:group:join", done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#consumer.once("consumer:group:join", done);
    });
  }
}
