import { DuckDBInstance } from "@duckdb/node-api";
import type { FlowRecord } from "@oddflow/preprocessing";

/** Every how many rows of the fixture one is taken, so that all of its hours and attacks are in. */
const STRIDE = 80;

/**
 * The flows that every runtime scores: rows of the table of flows, then such rows with something odd about them.
 * All of it passes through JSON unchanged, so an infinity is a text.
 */
export async function readFlowSet(fixture: string): Promise<FlowRecord[]> {
  const flows = await readFlows(fixture, STRIDE);
  return [...flows, ...flows.slice(0, 5).flatMap(oddVariants), {}];
}

/** Every so many rows of a table of flows, as JSON can say them. */
export async function readFlows(table: string, stride: number): Promise<FlowRecord[]> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(
      `SELECT * FROM '${table.replaceAll("'", "''")}' WHERE flow_id % ${stride} = 0 ORDER BY flow_id`,
    );
    return (reader.getRowObjectsJS() as FlowRecord[]).map(withoutBigints);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function withoutBigints(flow: FlowRecord): FlowRecord {
  return Object.fromEntries(
    Object.entries(flow).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]),
  );
}

function oddVariants(flow: FlowRecord): FlowRecord[] {
  const changes: FlowRecord[] = [
    // Missing, in every way a record can say so.
    { dur: null },
    { protocol: null, state: "", service: null },
    { sbytes: "", sload: "nan", dload: "-" },
    // Unseen.
    { protocol: "never-seen" },
    { protocol: "TCP ", state: "Ω", service: "never\u0000seen" },
    // Infinite.
    { sload: "inf" },
    { sload: "-Infinity", dload: "+inf" },
    // Huge, up to float32's end and beyond it; tiny, and below zero where nothing is.
    { sbytes: 1e30, dbytes: 3.4e38 },
    { sbytes: 1e39, dbytes: -1e300 },
    { dur: 1e-45, sload: 1e-300 },
    { dur: -1, sbytes: -1e12 },
    { stcpb: 4_294_967_295, dtcpb: 9_007_199_254_740_991 },
    // Numbers as text.
    { dur: " 0.25 ", sbytes: "1e3" },
  ];
  return changes.map((change) => ({ ...flow, ...change }));
}
