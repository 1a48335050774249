import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { OddflowError, type TimeSpan, timeSpan } from "@oddflow/preprocessing";
import { queryTable } from "./distinct-values.ts";
import type { ResultRow } from "./duckdb-session.ts";
import { tableName } from "./find-columns.ts";
import { type FlowTable, type OpenTable, openTableOf } from "./flow-table.ts";
import { type HostColumns, hostFlowsSql, inCalendarSql } from "./host-flows.ts";
import { inSpillFolder } from "./spill-folder.ts";
import { textSql } from "./sql-text.ts";
import { readUnchanged } from "./unchanged-files.ts";
import { doubleItems } from "./vector-items.ts";

/** A stretch of time, in seconds since 1970. */
export interface QuietStretch {
  readonly from: number;
  readonly to: number;
}

/** The hours, in hours since 1970, in which one host sent flows, in the order of time; lists of one length. */
export interface CountedHost {
  /** Of this call alone; `CountedHours.names` knows its name. */
  readonly id: number;
  readonly hour: readonly number[];
  readonly flows: readonly number[];
  /** The last flow, in seconds since 1970. */
  readonly last: readonly number[];
  /** The widest gap between two of its flows that ends in that hour, in seconds since 1970; NaN where its first flow is the only one. */
  readonly gapFrom: readonly number[];
  readonly gapTo: readonly number[];
  /** How many of the hours, from the first on, are the baseline's. */
  readonly baseline: number;
}

/** A period's flows that have a host and a time. */
export interface CountedPeriod {
  readonly first: number;
  readonly last: number;
  readonly flows: number;
  /** Flows without a host, or with a time that there is none of or that cannot be. */
  readonly leftOut: number;
}

/** Flows of two tables by hosts and hours (UTC). */
export interface CountedHours {
  readonly baseline: CountedPeriod;
  readonly recent: CountedPeriod;
  /** Of the baseline, by hours since 1970, in order: flows of all, and how many hosts sent some. */
  readonly hours: readonly { readonly hour: number; readonly flows: number; readonly hosts: number }[];
  /** Where nobody sent a flow for longer than `QUIET_SECONDS`, within and between the two. */
  readonly quiet: readonly QuietStretch[];
  /** All hosts, one after the other, as often as it is called. */
  hosts(): AsyncGenerator<CountedHost>;
  names(ids: readonly number[]): Promise<ReadonlyMap<number, string>>;
}

/** A stretch without a flow of anybody that is shorter is never asked about. */
const QUIET_SECONDS = 600;

/** Within a minute no gap is seen: what sends more often is summed up first. */
const MINUTE = 60;

/**
 * Counts by hosts and hours what came in recent flows and before. Flows of the baseline from the recent ones' first minute on do not count. Hosts
 * stay in DuckDB, which spills to disk.
 * @param tables stay open while the answer is used
 * @throws OddflowError COLUMNS_MISSING; COLUMN_TYPE where a time column holds something else; TABLE_EMPTY where either has no flow with a host and a time;
 * what the tables throw
 */
export async function readHostHours(tables: {
  readonly baseline: { readonly table: FlowTable; readonly columns: HostColumns };
  readonly recent: { readonly table: FlowTable; readonly columns: HostColumns };
}): Promise<CountedHours> {
  const open = openTableOf(tables.recent.table);
  const { folder } = open.session;
  const own = openTableOf(tables.baseline.table);
  // Each table has a DuckDB of its own.
  const carried = join(folder, "baseline.parquet");
  await readUnchanged("read hosts", own.files, async () => {
    const minutes = await minutesSql(own, tables.baseline.columns);
    await inSpillFolder(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
    await queryTable(own, `COPY (${minutes}) TO ${textSql(carried)} (FORMAT parquet)`);
  });
  await readUnchanged("read hosts", open.files, async () => {
    const minutes = await minutesSql(open, tables.recent.columns);
    await queryTable(
      open,
      `CREATE OR REPLACE TABLE minutes AS SELECT 0 AS period, * FROM read_parquet(${textSql(carried)}) ` +
        `UNION ALL SELECT 1 AS period, * FROM (${minutes})`,
    );
  });
  const query = (sql: string): Promise<readonly ResultRow[]> => queryTable(open, sql);
  const recent = await keepPeriod(open, 1, tables.recent.table);
  await query(`DELETE FROM minutes WHERE period = 0 AND minute >= ${Math.floor(recent.first / MINUTE)}`);
  const baseline = await keepPeriod(open, 0, tables.baseline.table);
  await query(
    "CREATE OR REPLACE TABLE host_names AS SELECT (row_number() OVER (ORDER BY host) - 1)::DOUBLE AS id, host " +
      "FROM (SELECT DISTINCT host FROM minutes)",
  );
  const gap = "first - before";
  await query(
    "CREATE OR REPLACE TABLE host_hours AS SELECT id, period, floor(minute / 60)::BIGINT AS hour, sum(flows) AS flows, max(last) AS last, " +
      `arg_max(before, ${gap}) AS gap_from, arg_max(first, ${gap}) AS gap_to ` +
      "FROM (SELECT *, lag(last) OVER (PARTITION BY host ORDER BY minute) AS before FROM minutes) JOIN host_names USING (host) " +
      "GROUP BY ALL ORDER BY id, period, hour",
  );
  const hours = await query(
    "SELECT floor(minute / 60)::BIGINT AS hour, sum(flows)::DOUBLE AS flows, count(DISTINCT host) AS hosts FROM minutes WHERE period = 0 GROUP BY ALL ORDER BY hour",
  );
  const quiet = await query(
    "SELECT before AS start, first AS stop FROM (SELECT first, lag(last) OVER (ORDER BY minute) AS before FROM " +
      "(SELECT minute, min(first) AS first, max(last) AS last FROM minutes GROUP BY minute)) " +
      `WHERE first - before > ${QUIET_SECONDS} ORDER BY start`,
  );
  await query("DROP TABLE minutes");
  return {
    baseline,
    recent,
    hours: hours.map((row) => ({
      hour: Number(row["hour"]),
      flows: Number(row["flows"]),
      hosts: Number(row["hosts"]),
    })),
    quiet: quiet.map((row) => ({ from: Number(row["start"]), to: Number(row["stop"]) })),
    hosts: () => readHosts(open),
    names: async (ids) => {
      if (ids.length === 0) return new Map();
      const rows = await query(`SELECT id, host FROM host_names WHERE id IN (${ids.join(", ")})`);
      return new Map(rows.map((row) => [Number(row["id"]), String(row["host"])]));
    },
  };
}

/** Flows by host and minute: how many, the first and the last. */
async function minutesSql(open: OpenTable, columns: HostColumns): Promise<string> {
  const { host, time } = await hostFlowsSql(open, columns);
  return (
    `SELECT host, floor(time / ${MINUTE})::BIGINT AS minute, min(time) AS first, max(time) AS last, count(*) AS flows ` +
    `FROM (SELECT ${host} AS host, ${time} AS time FROM ${open.source.relation(open.files)}) ` +
    `WHERE host IS NOT NULL AND ${inCalendarSql("time")} GROUP BY ALL`
  );
}

/** Drops what a period has at times that cannot be. @throws OddflowError TABLE_EMPTY */
async function keepPeriod(open: OpenTable, period: 0 | 1, table: FlowTable): Promise<CountedPeriod> {
  const rows = await queryTable(
    open,
    `SELECT minute FROM minutes WHERE period = ${period} GROUP BY minute ORDER BY minute`,
  );
  const span: TimeSpan | undefined = timeSpan(
    Float64Array.from(rows, ({ minute }) => Number(minute) * MINUTE),
  );
  if (span === undefined) {
    const { files } = openTableOf(table);
    throw new OddflowError(
      "TABLE_EMPTY",
      `read hosts: ${tableName(files)}: ` +
        (period === 0
          ? "no flow with a host and a time is before the recent ones; name earlier flows as the baseline"
          : "no flow has a host and a time"),
    );
  }
  await queryTable(
    open,
    `DELETE FROM minutes WHERE period = ${period} AND NOT minute BETWEEN ${span.first / MINUTE} AND ${span.last / MINUTE}`,
  );
  const [row] = await queryTable(
    open,
    `SELECT min(first) AS first, max(last) AS last, sum(flows)::DOUBLE AS flows FROM minutes WHERE period = ${period}`,
  );
  const flows = Number(row?.["flows"]);
  return {
    first: Number(row?.["first"]),
    last: Number(row?.["last"]),
    flows,
    leftOut: table.rows - flows,
  };
}

async function* readHosts(open: OpenTable): AsyncGenerator<CountedHost> {
  // DuckDB keeps the order in which a table was filled.
  const columns = ["id", "period", "hour", "flows", "last", "gap_from", "gap_to"];
  const items = columns.map((name) => `coalesce(${name}::DOUBLE, 'nan'::DOUBLE)`).join(", ");
  const connection = await open.session.connect();
  try {
    const result = await connection.stream(`SELECT ${items} FROM host_hours`);
    let host = startHost(Number.NaN);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      const [id, period, hour, flows, last, gapFrom, gapTo] = columns.map((_, k) => doubleItems(chunk, k));
      for (let row = 0; row < chunk.rowCount; row++) {
        const at = (values: Float64Array | undefined): number => values?.[row] ?? Number.NaN;
        if (at(id) !== host.id) {
          if (host.hour.length > 0) yield host;
          host = startHost(at(id));
        }
        host.hour.push(at(hour));
        host.flows.push(at(flows));
        host.last.push(at(last));
        host.gapFrom.push(at(gapFrom));
        host.gapTo.push(at(gapTo));
        if (at(period) === 0) host.baseline++;
      }
    }
    if (host.hour.length > 0) yield host;
  } finally {
    connection.disconnectSync();
  }
}

function startHost(id: number): {
  id: number;
  hour: number[];
  flows: number[];
  last: number[];
  gapFrom: number[];
  gapTo: number[];
  baseline: number;
} {
  return { id, hour: [], flows: [], last: [], gapFrom: [], gapTo: [], baseline: 0 };
}
