import { OddflowError } from "@oddflow/preprocessing";
import type { KafkaAddress } from "./kafka-address.ts";

/** What no waiting mends, by Kafka's name of the error. */
const REFUSALS: Readonly<Record<string, string>> = {
  SASL_AUTHENTICATION_FAILED: "the name or the password is refused; see --kafka-config",
  UNSUPPORTED_SASL_MECHANISM: "the broker does not know this sasl.mechanism; see --kafka-config",
  ILLEGAL_SASL_STATE: "the broker asks for another way to say who one is; see --kafka-config",
  TOPIC_AUTHORIZATION_FAILED: "reading or writing the topic is not allowed",
  GROUP_AUTHORIZATION_FAILED: "joining the group is not allowed",
  CLUSTER_AUTHORIZATION_FAILED: "it is not allowed in this cluster",
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: "transactions are not allowed",
  INCONSISTENT_GROUP_PROTOCOL:
    "other members of the group share partitions in another way; name another group",
  INVALID_TOPIC_EXCEPTION: "there can be no topic of this name",
  UNSUPPORTED_VERSION: "the broker is too old, or too new",
  UNSUPPORTED_FOR_MESSAGE_FORMAT: "the topic's format is too old",
};

/** The refusal that a failure of the client's stands for; undefined where trying again may help. */
export function refusalOf(thrown: unknown, address: KafkaAddress): OddflowError | undefined {
  if (thrown instanceof OddflowError) return thrown;
  const refuse = (why: string): OddflowError =>
    new OddflowError("BROKER_REFUSED", `stream: ${describe(address)}: ${why}`, { cause: thrown });
  for (const [name, why] of Object.entries(REFUSALS)) {
    if (isFailure(thrown, name)) return refuse(why);
  }
  if (has(thrown, "code", "PLT_KFK_AUTHENTICATION"))
    return refuse(REFUSALS["SASL_AUTHENTICATION_FAILED"] as string);
  return undefined;
}

/** Whether a failure is one of Kafka's own, by its name. */
export function isFailure(thrown: unknown, name: string): boolean {
  return has(thrown, "apiId", name);
}

/** Whether a failure, or one behind it, has a property. The client's own `findBy` looks at no causes. */
function has(thrown: unknown, property: string, value: string): boolean {
  if (!(thrown instanceof Error)) return false;
  if ((thrown as unknown as Readonly<Record<string, unknown>>)[property] === value) return true;
  const behind: unknown[] =
    thrown instanceof AggregateError ? [...thrown.errors, thrown.cause] : [thrown.cause];
  return behind.some((inner) => has(inner, property, value));
}

/** The topic that brokers do not have, where that is what failed. The client says so in words only. */
export function unknownTopic(thrown: unknown): string | undefined {
  return /^Unknown topic (.+)\.$/.exec(innermostReason(thrown))?.[1];
}

/** The refusal of a topic that does not exist. */
export function noTopic(topic: string, brokers: readonly string[], thrown: unknown): OddflowError {
  return new OddflowError(
    "BROKER_REFUSED",
    `stream: there is no topic ${topic} at ${brokers.join(",")}; create it, or correct its name`,
    { cause: thrown },
  );
}

/** The failure that was not over after so long. */
export function unreachable(thrown: unknown, address: KafkaAddress, seconds: number): OddflowError {
  return new OddflowError(
    "BROKER_UNREACHABLE",
    `stream: ${describe(address)}: no broker has answered as it should for ${seconds} s: ${innermostReason(thrown)}; ` +
      "see that they run, and start again: what is not committed comes again",
    { cause: thrown },
  );
}

/** The innermost reason, in a line. */
export function innermostReason(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const inner = thrown instanceof AggregateError ? thrown.errors.at(-1) : thrown.cause;
  if (inner instanceof Error) return innermostReason(inner);
  return (thrown.message.split("\n")[0] ?? "").trim() || thrown.name;
}

function describe({ brokers, topic }: KafkaAddress): string {
  return `topic ${topic} at ${brokers.join(",")}`;
}
