/**
 * Holds `oddflow stream` to what it promises, with a real Kafka broker on loopback. Exits with 1 where it does not keep it.
 * Where the broker cannot be had, it says so and does nothing.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { startBroker } from "./broker.ts";
import { checkBroker } from "./check-broker.ts";
import { fetchKafka } from "./fetch-kafka.ts";
import { KafkaClient } from "./kafka-client.ts";

const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "oddflow");
mkdirSync(cache, { recursive: true });
const classPath = fetched();
if (classPath !== undefined) await check(classPath);

function fetched(): string | undefined {
  try {
    return fetchKafka(cache);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    console.log(`kafka: SKIPPED, it cannot be had here: ${text.trim().split("\n").at(-1)}`);
    return undefined;
  }
}

async function check(classPath: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "oddflow-kafka-"));
  try {
    const broker = await startBroker({ classPath, folder: join(folder, "broker") });
    const client = new KafkaClient(classPath, broker.addresses.plain, folder);
    try {
      await checkBroker(broker, client);
    } finally {
      await client.close();
      await broker.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
