import { schemeOf } from "@oddflow/flow-sources";

/** Whether some of the flows are at addresses, not on this machine. */
export function areFarAway(flows: readonly string[]): boolean {
  return flows.some((path) => schemeOf(path) !== undefined);
}
