export type { RecordFate, RecordScoring, TopicRecord } from "./flow-records.ts";
export { type KafkaAddress, parseKafkaAddress } from "./kafka-address.ts";
export { type KafkaSecurity, readKafkaSecurity } from "./kafka-security.ts";
export { ASIDE_HEADER } from "./record-writer.ts";
export { checkAddresses, type StreamFlowsOptions, type StreamWatch, streamFlows } from "./stream-flows.ts";
