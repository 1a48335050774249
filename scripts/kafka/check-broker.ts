import type { Broker } from "./broker.ts";
import { COMPRESSIONS, type KafkaClient } from "./kafka-client.ts";
import type { KafkaRecord } from "./records.ts";

const TOPIC = "kept";

/**
 * What was written to a broker is there, to the byte, after it was stopped, killed and started.
 * @throws Error where it is not: nothing can be said of others then
 */
export async function checkBroker(broker: Broker, client: KafkaClient): Promise<void> {
  await client.createTopic(TOPIC, { partitions: 2 });
  const records = COMPRESSIONS.flatMap(recordsOf);
  for (const compression of COMPRESSIONS) await client.write(TOPIC, recordsOf(compression), compression);
  await broker.stop();
  await broker.start();
  await broker.kill();
  await broker.start();
  const found = [];
  for await (const { offset, ...record } of client.read(TOPIC, { isolation: "read_committed" })) {
    found.push({ record, offset });
  }
  const [given, kept] = [records, found.map(({ record }) => record)].map((all) =>
    all.map((record) => JSON.stringify(record)).sort(),
  );
  if (JSON.stringify(given) !== JSON.stringify(kept)) {
    throw new Error(`of ${records.length} records ${found.length} are left, or they are others`);
  }
  console.log(`broker: ${found.length} records outlast a stop and a kill`);
}

function recordsOf(compression: string): KafkaRecord[] {
  const text = Buffer.from(compression);
  const bytes = Buffer.from([0, 9, 10, 13, 255]);
  return [
    { partition: 0, key: text, headers: [], value: bytes },
    {
      partition: 1,
      key: null,
      headers: [
        ["", null],
        [compression, bytes],
      ],
      value: null,
    },
    { partition: 1, key: Buffer.alloc(0), headers: [["ä,:\t", Buffer.alloc(0)]], value: Buffer.alloc(0) },
  ];
}
