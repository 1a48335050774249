import { Admin, ConfigResourceTypes } from "@platformatic/kafka";
import { answered, calledBack } from "./answered.ts";
import { clientOptions, type StreamClient } from "./client-options.ts";
import type { RecordProducer } from "./record-producer.ts";

/** What a topic takes. */
export interface TopicRules {
  readonly partitions: number;
  /** Of a batch: of a record alone, too. */
  readonly mostBytes: number;
  /** Whether it is compacted, which takes no record without a key. */
  readonly needsKeys: boolean;
}

const [MOST_BYTES, POLICY] = ["max.message.bytes", "cleanup.policy"];

/** Kafka's default, where the broker does not tell. */
const DEFAULT_MOST_BYTES = 1_048_588;

/** What topics take, by their names. @throws what the client throws, where a topic is not known */
export async function readTopicRules(
  client: StreamClient,
  producer: RecordProducer,
  topics: readonly string[],
): Promise<ReadonlyMap<string, TopicRules>> {
  const settings = await readSettings(client, topics);
  const rules = new Map<string, TopicRules>();
  // One by one: of several the client names the wrong one where one is unknown.
  for (const topic of topics) {
    const metadata = await answered("metadata", producer.metadata({ topics: [topic] }));
    rules.set(topic, {
      partitions: metadata.topics.get(topic)?.partitionsCount ?? 1,
      mostBytes: Number(settings.get(topic)?.get(MOST_BYTES) ?? DEFAULT_MOST_BYTES),
      needsKeys: (settings.get(topic)?.get(POLICY) ?? "").split(",").includes("compact"),
    });
  }
  return rules;
}

/** Settings by topic and name; none where asking for them is not allowed, or a topic is not known. */
async function readSettings(
  client: StreamClient,
  topics: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string | null>>> {
  const admin = new Admin(clientOptions(client));
  admin.on("error", () => undefined);
  try {
    const resources = topics.map((resourceName) => ({
      resourceType: ConfigResourceTypes.TOPIC,
      resourceName,
      configurationKeys: [MOST_BYTES, POLICY],
    }));
    const described = await answered("settings of topics", admin.describeConfigs({ resources }));
    return new Map(
      described.map(({ resourceName, configs }) => [
        resourceName,
        new Map(configs.map(({ name, value }) => [name, value ?? null])),
      ]),
    );
  } catch {
    return new Map();
  } finally {
    await calledBack("closing", (done) => admin.close(done), 5000).catch(() => undefined);
  }
}
