import { join } from "node:path";
import { fetchJarsWithDependencies } from "../programs/maven.ts";
import { runProgram } from "../programs/run-program.ts";

/** The newest stable release, which runs on Java 17. 45 jars, 45 MB in all. */
const KAFKA_VERSION = "4.4.0";

/** Kafka's server with its clients, and what prints its log. */
const ARTIFACTS = [`org.apache.kafka:kafka_2.13:${KAFKA_VERSION}`, "org.slf4j:slf4j-simple:1.7.36"];

/**
 * Puts Apache Kafka's jars into the cache, once.
 * @returns a class path for Java
 * @throws Error where they, or Java, cannot be had
 */
export function fetchKafka(cache: string): string {
  const folder = join(cache, `kafka-${KAFKA_VERSION}`);
  runProgram("java", ["-version"], cache);
  fetchJarsWithDependencies(ARTIFACTS, folder);
  return join(folder, "*");
}
