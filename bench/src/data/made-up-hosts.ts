import { type ContextSpec, type ContextState, contextColumns } from "@oddflow/preprocessing";

/** All that a context can count, over the windows that are usual. */
export const MADE_UP_CONTEXT: ContextSpec = {
  windows: [60, 600],
  time: "time",
  source: ["source"],
  destination: ["destination"],
  port: "port",
  bytes: ["bytes"],
  packets: ["packets"],
  failed: { unanswered: "answer" },
};

/** Seconds over which the flows come. */
const SPAN = 590;

/**
 * Adds flows to a state, in the order of their times and all within its longest window. Sources take turns, destinations are drawn
 * at random, from as many hosts. @returns how many flows the last one's source had begun before
 */
export function addMadeUpFlows(state: ContextState, flows: number, hosts: number): number {
  const row = new Float32Array(state.width);
  let random = 1;
  const next = (): number => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return random >>> 8;
  };
  const flow = {
    time: 0,
    sourceLow: 0,
    sourceHigh: 1,
    destinationLow: 0,
    destinationHigh: 2,
    portLow: 0,
    portHigh: 3,
    bytes: 0,
    packets: 0,
    failed: false,
  };
  const ofSource = contextColumns(MADE_UP_CONTEXT).findIndex(
    ({ key, measure, window }) => key === "source" && measure === "flows" && window > SPAN,
  );
  for (let i = 0; i < flows; i++) {
    flow.time = 1_700_000_000 + (SPAN * i) / flows;
    flow.sourceLow = i % hosts;
    flow.destinationLow = next() % hosts;
    flow.portLow = next() % 500;
    flow.bytes = next() % 5000;
    flow.packets = 1 + (next() % 20);
    flow.failed = next() % 10 === 0;
    state.add(flow, row, 0);
  }
  return 1 + (row[ofSource] as number);
}
