import { OddflowError } from "@oddflow/preprocessing";

/** A topic, and the brokers that are asked for it first. */
export interface KafkaAddress {
  /** `host:port` each; an IPv6 address in brackets. */
  readonly brokers: readonly string[];
  readonly topic: string;
  /** The consumer group, where one is named. */
  readonly group: string | undefined;
}

const DEFAULT_PORT = 9092;

/** What Kafka takes as a topic's name. */
const TOPIC = /^[A-Za-z0-9._-]{1,249}$/;

/**
 * Reads `kafka://host:port,host:port/topic?group=g`. A port is 9092 where it is absent; what has a meaning in URLs is written as there, `%20`.
 * @param option what it is the value of, as messages name it
 * @throws OddflowError USAGE for anything else
 */
export function parseKafkaAddress(option: string, text: string): KafkaAddress {
  const [, hosts = "", path = "", query = ""] =
    /^kafka:\/\/([^/?#]+)\/([^?#]+)(?:\?([^#]*))?$/.exec(text) ?? [];
  const refuse = (problem: string): never => {
    throw new OddflowError(
      "USAGE",
      `${option} ${text}: ${problem}; expected kafka://HOST:PORT/TOPIC, with several brokers HOST:PORT,HOST:PORT`,
    );
  };
  if (hosts === "") refuse("it names no broker and topic");
  if (hosts.includes("@")) refuse("names and passwords are for --kafka-config, where nobody sees them");
  const topic = decoded(path);
  if (topic === undefined || !TOPIC.test(topic) || topic === "." || topic === "..")
    refuse(`"${path}" is no name of a topic`);
  const parameters = new URLSearchParams(query);
  const other = [...parameters.keys()].find((name) => name !== "group");
  if (other !== undefined) refuse(`"${other}" is no parameter, "group" is the only one`);
  const group = parameters.get("group") ?? undefined;
  if (group === "") refuse("the group's name is empty");
  const brokers = hosts.split(",").map((host) => broker(host) ?? refuse(`"${host}" is no HOST:PORT`));
  return { brokers, topic: topic as string, group };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function broker(text: string): string | undefined {
  const [, host, port = String(DEFAULT_PORT)] =
    /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return `${host}:${Number(port)}`;
}
