import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Broker } from "./broker.ts";

/** What a run of `oddflow stream` is about. */
export interface StreamSettings {
  readonly broker: Broker;
  readonly model: string;
  readonly group: string;
  readonly topics: StreamTopics;
  readonly isExactlyOnce?: boolean;
  /** Further options. */
  readonly options?: readonly string[];
}

export interface StreamTopics {
  readonly flows: string;
  readonly scored: string;
  readonly putAside: string;
}

/** What stands behind `oddflow stream`. */
export function streamParameters({
  broker,
  model,
  group,
  topics,
  isExactlyOnce = false,
  options = [],
}: StreamSettings): string[] {
  const url = (topic: string): string => `kafka://${broker.addresses.plain}/${topic}`;
  return [
    ...["--from", `${url(topics.flows)}?group=${group}`, "--to", url(topics.scored), "-m", model],
    ...["--dead-letters", url(topics.putAside)],
    ...(isExactlyOnce ? ["--exactly-once"] : []),
    ...options,
  ];
}

/** Topics of a check by its name. */
export function topicsOf(name: string): StreamTopics {
  return { flows: `${name}-flows`, scored: `${name}-scored`, putAside: `${name}-put-aside` };
}

/** Writes a file for --kafka-config that says who asks. */
export function writeConfig(
  folder: string,
  login: { readonly username: string; readonly password: string },
): string {
  const path = join(folder, "client.properties");
  const lines = [
    "security.protocol=sasl_plaintext",
    "sasl.mechanism=PLAIN",
    `sasl.username=${login.username}`,
    `sasl.password=${login.password}`,
  ];
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}
