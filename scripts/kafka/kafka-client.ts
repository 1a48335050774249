import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fromRoot } from "../robustness/places.ts";
import { type KafkaRecord, type ReadRecord, readRecordFile, writeRecordFile } from "./records.ts";

export const COMPRESSIONS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;

export interface TopicOptions {
  readonly partitions: number;
  /** https://kafka.apache.org/documentation/#topicconfigs */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Where to begin and what to see of transactions. */
export interface ReadOptions {
  readonly isolation: "read_committed" | "read_uncommitted";
  /** The first offset of a partition; its beginning where it is not named. */
  readonly from?: Readonly<Record<number, number>>;
}

/**
 * Kafka's own clients, which put in what is scored and take out what came of it: they know nothing of the client that is looked at.
 * Its tasks throw what Kafka's clients throw.
 */
export class KafkaClient {
  readonly #process: ChildProcess;
  readonly #tasks: Writable;
  readonly #answers: AsyncIterator<string>;
  readonly #folder: string;
  #files = 0;

  /** @param folder for files of records on their way */
  constructor(classPath: string, brokers: string, folder: string) {
    const settings = [
      "-Xmx256m",
      "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1",
      "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
    ];
    const program = fromRoot("scripts/kafka/KafkaClient.java");
    const child = spawn("java", [...settings, "-cp", classPath, program, brokers], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#process = child;
    this.#tasks = child.stdin;
    this.#answers = linesOf(child.stdout);
    this.#folder = folder;
  }

  async createTopic(topic: string, { partitions, settings = {} }: TopicOptions): Promise<void> {
    await this.#run({ task: "create", topic, partitions, settings });
  }

  async deleteTopic(topic: string): Promise<void> {
    await this.#run({ task: "delete", topic });
  }

  async growTopic(topic: string, partitions: number): Promise<void> {
    await this.#run({ task: "grow", topic, partitions });
  }

  async write(
    topic: string,
    records: Iterable<KafkaRecord>,
    compression: (typeof COMPRESSIONS)[number] = "none",
  ): Promise<void> {
    const file = this.#nextFile();
    await writeRecordFile(file, records);
    await this.#run({ task: "write", topic, file, compression });
    rmSync(file);
  }

  /** All records up to the end that a topic has at this moment. */
  async *read(topic: string, { isolation, from = {} }: ReadOptions): AsyncGenerator<ReadRecord> {
    const file = this.#nextFile();
    await this.#run({ task: "read", topic, file, isolation, from });
    yield* readRecordFile(file);
    rmSync(file);
  }

  /** What a group has committed, by partition. */
  async committedOffsets(topic: string, group: string): Promise<Readonly<Record<number, number>>> {
    return (await this.#run({ task: "offsets", topic, group })) as Record<number, number>;
  }

  /** Where the next record of each partition will stand. */
  async ends(topic: string): Promise<Readonly<Record<number, number>>> {
    return (await this.#run({ task: "ends", topic })) as Record<number, number>;
  }

  async close(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#tasks.end();
    await ended;
  }

  #nextFile(): string {
    return join(this.#folder, `records-${this.#files++}.tsv`);
  }

  async #run(task: Readonly<Record<string, unknown>>): Promise<unknown> {
    this.#tasks.write(`${JSON.stringify(task)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`Kafka's client ended at ${JSON.stringify(task)}`);
    const { result, error } = JSON.parse(value) as { result?: unknown; error?: string };
    if (error !== undefined) throw new Error(`${JSON.stringify(task)}: ${error}`);
    return result;
  }
}

function linesOf(output: Readable): AsyncIterator<string> {
  return createInterface({ input: output })[Symbol.asyncIterator]();
}
