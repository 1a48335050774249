import type { BaseOptions } from "@platformatic/kafka";
import type { KafkaSecurity } from "./kafka-security.ts";

/** What clients are told of brokers. */
export interface StreamClient {
  readonly brokers: readonly string[];
  readonly security: KafkaSecurity;
}

/** Milliseconds for a connection, and for an answer. */
const [CONNECT_TIMEOUT, REQUEST_TIMEOUT] = [5000, 30_000];

/** The client tries nothing again: whatever fails begins a new session, which knows nothing that may be wrong. */
const RETRIES = 0;

/** Milliseconds after which topics are asked about again: so soon partitions that are added are seen. */
const METADATA_AGE = 20_000;

export function clientOptions({ brokers, security }: StreamClient): BaseOptions {
  return {
    clientId: "oddflow",
    bootstrapBrokers: [...brokers],
    connectTimeout: CONNECT_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
    retries: RETRIES,
    metadataMaxAge: METADATA_AGE,
    autocreateTopics: false,
    ...(security.tls === undefined ? {} : { tls: security.tls }),
    ...(security.sasl === undefined ? {} : { sasl: security.sasl }),
  };
}
