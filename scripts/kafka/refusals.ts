import { type Broker, LOGIN } from "./broker.ts";
import { runStream } from "./consumers.ts";
import { sumOf } from "./group-progress.ts";
import type { KafkaClient } from "./kafka-client.ts";
import type { NumberedFlows } from "./numbered-flows.ts";
import { streamParameters, topicsOf, writeConfig } from "./stream-settings.ts";

/** The code of bad input. */
const REFUSED = 3;
const FLOWS = 200;
const WRONG = "another password";

export interface RefusalsRun {
  readonly broker: Broker;
  readonly client: KafkaClient;
  readonly model: string;
  readonly folder: string;
  /** Whether a broker that does not answer is tried, too: it is waited for for a minute. */
  readonly isLong: boolean;
  readonly flows: NumberedFlows;
  readonly onFault: (fault: string) => void;
}

/** What cannot go on ends with one line that says why, exit code 3, and nothing committed. */
export async function checkRefusals({
  broker,
  client,
  model,
  flows,
  folder,
  isLong,
  onFault,
}: RefusalsRun): Promise<void> {
  const topics = topicsOf("refused");
  for (const topic of Object.values(topics)) await client.createTopic(topic, { partitions: 1 });
  await client.write(topics.flows, flows.records(0, FLOWS, 1));
  const { plain, withPassword } = broker.addresses;
  const group = "refused";
  const good = streamParameters({ broker, model, group, topics });
  const replaced = (from: string, to: string): string[] => good.map((word) => word.replaceAll(from, to));
  const cases: Readonly<Record<string, readonly [parameters: string[], reason: RegExp]>> = {
    "no such topic to read": [replaced(`/${topics.flows}?`, "/missing-topic?"), /missing-topic/],
    "no such topic to write": [replaced(`/${topics.scored}`, "/missing-scored"), /missing-scored/],
    ...(isLong ? { "no broker": [replaced(plain, "127.0.0.1:1"), /127\.0\.0\.1:1/] as const } : {}),
    "a wrong password": [
      [
        ...replaced(plain, withPassword),
        "--kafka-config",
        writeConfig(folder, { ...LOGIN, password: WRONG }),
      ],
      /password/,
    ],
  };
  for (const [name, [parameters, reason]] of Object.entries(cases)) {
    const { code, signal, stderr, seconds } = await runStream(parameters);
    // What it says while it works stands before.
    const lines = stderr
      .trim()
      .split("\n")
      .filter((line) => !/^(reading|note) /.test(line));
    console.log(`refused, ${name}, after ${seconds.toFixed(1)} s: ${lines.at(-1)}`);
    if (code !== REFUSED) onFault(`${name}: it ended with ${signal ?? code}: ${stderr.slice(-500)}`);
    if (lines.length !== 1 || !reason.test(stderr))
      onFault(`${name}: expected one line like ${reason}, found ${stderr}`);
    if (stderr.includes(WRONG) || / at .*\.js:\d/.test(stderr))
      onFault(`${name}: it says too much: ${stderr}`);
  }
  const committed = sumOf(await client.committedOffsets(topics.flows, group));
  if (committed > 0) onFault(`${committed} records of runs that were refused are committed`);
}
