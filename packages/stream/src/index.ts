export type { JoinedValues, ScoredValues, SpareMemory, ValueScoring } from "./flow-records.ts";
export { type KafkaAddress, parseKafkaAddress } from "./kafka-address.ts";
export { type KafkaSecurity, readKafkaSecurity } from "./kafka-security.ts";
export { checkAddresses, type StreamFlowsOptions, type StreamWatch, streamFlows } from "./stream-flows.ts";
export { ASIDE_HEADER } from "./written-records.ts";
