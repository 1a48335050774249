/**
 * Holds `oddflow stream` to what it promises, with a real Kafka broker on loopback. Exits with 1 where it does not keep it.
 * Where the broker cannot be had, it says so and does nothing. README.md has the long form, and the one that measures.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { startBroker } from "./broker.ts";
import { runChecks } from "./checks.ts";
import { fetchKafka } from "./fetch-kafka.ts";
import { KafkaClient } from "./kafka-client.ts";
import { readOptions } from "./options.ts";

const options = readOptions(process.argv.slice(2));
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "oddflow");
mkdirSync(cache, { recursive: true });
const classPath = fetched();
if (classPath !== undefined && (await check(classPath)) > 0) process.exitCode = 1;

function fetched(): string | undefined {
  try {
    return fetchKafka(cache);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    console.log(`kafka: SKIPPED, it cannot be had here: ${text.trim().split("\n").at(-1)}`);
    return undefined;
  }
}

/** How many faults there are. */
async function check(classPath: string): Promise<number> {
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "oddflow-kafka-"));
  let faults = 0;
  const onFault = (fault: string): void => {
    faults++;
    console.log(`  FAULT  ${fault}`);
  };
  try {
    const broker = await startBroker({ classPath, folder: join(folder, "broker") });
    const [source, witness] = [0, 1].map(() => new KafkaClient(classPath, broker.addresses.plain, folder));
    if (!source || !witness) return 1;
    try {
      await runChecks({ options, broker, source, witness, folder, cache, onFault });
    } catch (error) {
      onFault(error instanceof Error ? error.message : String(error));
    } finally {
      await source.close();
      await witness.close();
      await broker.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `kafka: ${faults === 0 ? "every flow arrived as it should" : `${faults} faults`}, ${seconds} s`,
  );
  return faults;
}
