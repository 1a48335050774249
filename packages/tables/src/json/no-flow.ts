import { noFlowWords, readJsonRecord } from "@oddflow/flow-sources";

/** Whether the JSON of a record says that it is no flow. */
export function isNoFlow(bytes: Uint8Array): boolean {
  const reading = readJsonRecord(bytes);
  return "record" in reading && noFlowWords(reading.record) !== undefined;
}
