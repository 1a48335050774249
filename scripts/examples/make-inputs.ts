import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

/** Zeek's states for those of the fixture. */
const CONN_STATE = "{'FIN': 'SF', 'CON': 'SF', 'RST': 'RSTO', 'REQ': 'S0', 'INT': 'S0'}";

/** The fixture's flows as Zeek's conn.log has them; the log's own names. */
const ZEEK = `SELECT stime + (flow_id % 1000) / 1000 AS ts, 'C' || md5(flow_id::VARCHAR)[:17] AS uid,
  source_ip AS "id.orig_h", source_port AS "id.orig_p", destination_ip AS "id.resp_h", destination_port AS "id.resp_p",
  protocol AS proto, service, dur AS duration, sbytes AS orig_bytes, dbytes AS resp_bytes,
  coalesce(MAP ${CONN_STATE}[state], 'OTH') AS conn_state, sloss + dloss AS missed_bytes, spkts AS orig_pkts,
  sbytes + 20 * spkts AS orig_ip_bytes, dpkts AS resp_pkts, dbytes + 20 * dpkts AS resp_ip_bytes
  FROM fixture WHERE flow_id % 3 = 0 ORDER BY ts`;

/**
 * Writes flows of three weeks and a Zeek log, from the fixture's flows, into a folder: what the examples take that a user
 * has from a network. In the third week the way to the servers has become another: more hops, twice as long.
 */
export async function makeInputs(fixture: string, folder: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
  await connection.run(
    `CREATE TABLE fixture AS SELECT * EXCLUDE (attack_label, binary_label) FROM read_parquet(${text(fixture)})`,
  );
  for (const week of [1, 2, 3]) {
    const later = (week - 1) * 7 * 86_400;
    const way =
      week < 3
        ? ""
        : ", sttl - 9 AS sttl, dttl - 9 AS dttl, 2 * tcprtt AS tcprtt, 2 * synack AS synack, 2 * ackdat AS ackdat";
    await connection.run(
      `COPY (SELECT * REPLACE (stime + ${later} AS stime, ltime + ${later} AS ltime${way}) FROM fixture ` +
        `WHERE flow_id % 6 = ${week} ORDER BY stime) TO ${text(join(folder, `week-${week}.parquet`))} (FORMAT parquet)`,
    );
  }
  await connection.run(`COPY (${ZEEK}) TO ${text(join(folder, "conn.ndjson"))} (FORMAT json)`);
  connection.disconnectSync();
  instance.closeSync();
}
