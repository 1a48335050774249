import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, it } from "vitest";
import { countConnections } from "../fixture/connection-counts.ts";
import { emptyExchange } from "../fixture/exchange.ts";
import { generateFlows } from "../fixture/generate-flows.ts";
import { drawClient } from "../fixture/hosts.ts";
import { createRandom } from "../fixture/random.ts";
import { FLOW_SCHEMA, type FlowColumns } from "../fixture/schema.ts";
import { writeFlowsParquet } from "../fixture/write-parquet.ts";

const COUNT = 6000;
const flows = generateFlows(COUNT, 7);

function share<T>(values: readonly T[], holds: (value: T, row: number) => boolean): number {
  return values.filter(holds).length / values.length;
}

/** Calls `check` with the values of one row of the named columns, row by row, and fails if there are no rows. */
function forEachRow<N extends keyof FlowColumns>(
  names: readonly N[],
  check: (row: { [K in N]: FlowColumns[K][number] }, index: number) => void,
): void {
  expect(flows.flow_id).toHaveLength(COUNT);
  for (let index = 0; index < COUNT; index += 1) {
    const row = Object.fromEntries(names.map((name) => [name, flows[name][index]]));
    check(row as { [K in N]: FlowColumns[K][number] }, index);
  }
}

/** The chance that a random attack ranks above a random normal flow by this column, or below it, whichever is more. */
function separation(values: readonly number[]): number {
  const order = values.map((value, row) => ({ value, attack: flows.binary_label[row] === 1 }));
  order.sort((a, b) => a.value - b.value);
  const attacks = order.filter((entry) => entry.attack).length;
  let rankSum = 0;
  for (let first = 0; first < order.length; ) {
    let end = first;
    while (end < order.length && order[end]?.value === order[first]?.value) end += 1;
    const tied = order.slice(first, end).filter((entry) => entry.attack).length;
    rankSum += tied * ((first + end + 1) / 2);
    first = end;
  }
  const area = (rankSum - (attacks * (attacks + 1)) / 2) / (attacks * (COUNT - attacks));
  return Math.max(area, 1 - area);
}

describe("generateFlows", () => {
  it("gives the same table for the same seed and another for another seed", () => {
    expect(generateFlows(800, 3)).toEqual(generateFlows(800, 3));
    expect(generateFlows(800, 4)).not.toEqual(generateFlows(800, 3));
  });

  it.each([0, -1, 2.5, Number.NaN])("refuses %d flows", (count) => {
    expect(() => generateFlows(count, 1)).toThrow(RangeError);
  });

  it.each([1, 2, 10, 101])("makes exactly %d flows", (count) => {
    expect(generateFlows(count, 1).flow_id).toEqual(Array.from({ length: count }, (_, row) => row));
  });

  it("has the 50 columns in order, filled to the last row", () => {
    expect(Object.keys(flows)).toEqual(FLOW_SCHEMA.map(([name]) => name));
    expect(FLOW_SCHEMA).toHaveLength(50);
    for (const [name, type] of FLOW_SCHEMA) {
      const values: readonly unknown[] = flows[name];
      expect(values, name).toHaveLength(COUNT);
      const fits = (value: unknown): boolean => {
        if (type === "VARCHAR") return typeof value === "string" && value !== "";
        return type === "BIGINT" ? value === null || Number.isSafeInteger(value) : Number.isFinite(value);
      };
      expect(
        values.filter((value) => !fits(value)),
        name,
      ).toEqual([]);
    }
  });

  it("is in the order of the flows' starts, within two days, no flow longer than a minute", () => {
    forEachRow(["stime", "ltime", "dur"], ({ stime, ltime, dur }, row) => {
      expect(stime).toBeGreaterThanOrEqual(flows.stime[row - 1] ?? 0);
      expect(Math.abs(ltime - stime - dur)).toBeLessThan(1);
      expect(dur).toBeGreaterThanOrEqual(0);
      expect(dur).toBeLessThanOrEqual(60);
    });
    expect((flows.stime.at(-1) ?? 0) - (flows.stime[0] ?? 0)).toBeLessThan(2 * 86400);
    expect((flows.stime.at(-1) ?? 0) - (flows.stime[0] ?? 0)).toBeGreaterThan(1.9 * 86400);
  });

  it("derives sizes, loads and round trips from the same packets and bytes", () => {
    const names = [
      ...(["dur", "sbytes", "dbytes", "spkts", "dpkts", "smeansz", "dmeansz", "sload", "dload"] as const),
      ...(["tcprtt", "synack", "ackdat", "sjit", "djit", "sintpkt", "dintpkt"] as const),
    ];
    forEachRow(names, (row) => {
      const sides = [
        { bytes: row.sbytes, packets: row.spkts, mean: row.smeansz, load: row.sload, gap: row.sintpkt },
        { bytes: row.dbytes, packets: row.dpkts, mean: row.dmeansz, load: row.dload, gap: row.dintpkt },
      ];
      for (const { bytes, packets, mean, load, gap } of sides) {
        expect(bytes > 0).toBe(packets > 0);
        expect(Math.abs(mean - bytes / Math.max(1, packets))).toBeLessThanOrEqual(0.5);
        const bitsPerSecond =
          row.dur > 0 && packets > 0 ? (8 * bytes * (packets - 1)) / packets / row.dur : 0;
        expect(Math.abs(load - bitsPerSecond)).toBeLessThanOrEqual(1e-6 * bitsPerSecond);
        expect(gap * Math.max(0, packets - 1)).toBeLessThanOrEqual(1000.001 * row.dur + 0.001);
      }
      expect(row.tcprtt).toBeCloseTo(row.synack + row.ackdat, 9);
      expect(Math.min(row.sjit, row.djit, row.synack, row.ackdat)).toBeGreaterThanOrEqual(0);
    });
  });

  it("keeps TCP's own columns to TCP and HTTP's to HTTP", () => {
    const names = [
      "protocol",
      "service",
      "swin",
      "dwin",
      "stcpb",
      "tcprtt",
      "trans_depth",
      "res_bdy_len",
    ] as const;
    forEachRow(names, (row) => {
      expect(row.swin).toBe(row.protocol === "tcp" ? 255 : 0);
      expect([0, row.swin]).toContain(row.dwin);
      if (row.protocol !== "tcp") expect(row.stcpb + row.tcprtt).toBe(0);
      if (row.service !== "http") expect(row.trans_depth + row.res_bdy_len).toBe(0);
    });
  });

  it("counts each flow itself among its neighbours, and none beyond the last 100", () => {
    const names = ["ct_srv_src", "ct_srv_dst", "ct_dst_ltm", "ct_src_ltm", "ct_dst_src_ltm"] as const;
    forEachRow([...names, "ct_src_dport_ltm", "ct_dst_sport_ltm"], (row) => {
      expect(Math.min(row.ct_dst_src_ltm, row.ct_srv_dst, row.ct_dst_sport_ltm)).toBeGreaterThanOrEqual(1);
      expect(Math.max(row.ct_src_ltm, row.ct_dst_ltm)).toBeLessThanOrEqual(100);
      expect(row.ct_dst_src_ltm).toBeLessThanOrEqual(Math.min(row.ct_src_ltm, row.ct_dst_ltm));
      expect(Math.max(row.ct_srv_src, row.ct_src_dport_ltm)).toBeLessThanOrEqual(row.ct_src_ltm);
      expect(Math.max(row.ct_srv_dst, row.ct_dst_sport_ltm)).toBeLessThanOrEqual(row.ct_dst_ltm);
    });
  });

  it("labels 12 % of the flows as attacks, of six kinds", () => {
    expect(share(flows.binary_label, (label) => label === 1)).toBeCloseTo(0.12, 3);
    forEachRow(["binary_label", "attack_label"], (row) => {
      expect(row.binary_label).toBe(row.attack_label === "normal" ? 0 : 1);
    });
    const ofAttacks = (kind: string): number => share(flows.attack_label, (label) => label === kind) / 0.12;
    expect(ofAttacks("reconnaissance")).toBeCloseTo(0.25, 2);
    expect(ofAttacks("exploits")).toBeCloseTo(0.22, 2);
    expect(ofAttacks("dos")).toBeCloseTo(0.18, 2);
    expect(ofAttacks("fuzzers")).toBeCloseTo(0.17, 2);
    expect(ofAttacks("generic")).toBeCloseTo(0.12, 2);
    expect(ofAttacks("backdoor")).toBeCloseTo(0.06, 2);
  });

  it("leaves no column that tells attacks apart on its own", () => {
    const columns = FLOW_SCHEMA.filter(([name, type]) => type !== "VARCHAR" && name !== "binary_label");
    for (const [name] of columns) {
      const values = flows[name].map((value) => (typeof value === "number" ? value : 0));
      expect(separation(values), name).toBeLessThan(0.9);
    }
    expect(separation(flows.binary_label)).toBe(1);
  });

  it("holds every kind of host and service for attacks and for normal traffic alike", () => {
    const seen = (column: readonly (string | number)[], label: 0 | 1): Set<string | number> =>
      new Set(column.filter((_, row) => flows.binary_label[row] === label));
    for (const column of [flows.state, flows.service, flows.sttl, flows.dttl]) {
      const [normal, attack] = [seen(column, 0), seen(column, 1)];
      expect([...attack].filter((value) => !normal.has(value))).toEqual([]);
      expect(attack.size).toBeGreaterThan(2);
    }
  });

  it("has blanks where the real table has them, as often for attacks as for normal flows", () => {
    const blankable = { ct_flw_http_mthd: 0.06, is_ftp_login: 0.07, ct_ftp_cmd: 0.31 };
    for (const [name] of FLOW_SCHEMA) {
      const usual = Object.entries(blankable).find(([column]) => column === name)?.[1] ?? 0;
      const blanks = share<unknown>(flows[name], (value) => value === null);
      expect(Math.abs(blanks - usual), name).toBeLessThanOrEqual(0.4 * usual);
    }
    const attackRows = flows.binary_label.flatMap((label, row) => (label === 1 ? [row] : []));
    const ofAttacks = share(attackRows, (row) => flows.ct_ftp_cmd[row] === null);
    expect(ofAttacks / share(flows.ct_ftp_cmd, (value) => value === null)).toBeGreaterThan(0.7);
    expect(ofAttacks / share(flows.ct_ftp_cmd, (value) => value === null)).toBeLessThan(1.3);
    expect(share(flows.ct_ftp_cmd, (value) => value === -1)).toBeGreaterThan(0.05);
  });

  it("keeps the whole-number columns that the reference rule takes as categories under 20 values", () => {
    const few = ["sttl", "dttl", "swin", "dwin", "is_sm_ips_ports", "ct_state_ttl", "trans_depth"] as const;
    for (const name of [...few, "ct_flw_http_mthd", "is_ftp_login", "ct_ftp_cmd"] as const) {
      const distinct = new Set<number | null>(flows[name]).size;
      expect(distinct, name).toBeGreaterThan(1);
      expect(distinct, name).toBeLessThan(20);
    }
  });

  it("uses only addresses set aside for documentation, and multicast groups", () => {
    const allowed = /^(192\.0\.2|198\.51\.100|203\.0\.113|224\.0\.0)\.\d{1,3}$/;
    const addresses = new Set([...flows.source_ip, ...flows.destination_ip]);
    expect(addresses.size).toBeGreaterThan(50);
    expect([...addresses].filter((address) => !allowed.test(address))).toEqual([]);
  });
});

describe("countConnections", () => {
  it("agrees with counting the 100 flows that ended last one by one", () => {
    const random = createRandom(5);
    const server = "198.51.100.2";
    const drawn = Array.from({ length: 400 }, (_, start) => {
      const exchange = emptyExchange(random, drawClient(random), server);
      const service = random.pick(["dns", "http"]);
      return { start, label: "normal", exchange: { ...exchange, service, duration: random.uniform(0, 40) } };
    });
    const endOf = (flow: (typeof drawn)[number]): number => flow.start + flow.exchange.duration;
    const counted = countConnections(drawn);
    drawn.forEach((flow, index) => {
      const ended = drawn.filter((other) => endOf(other) <= endOf(flow));
      const last = ended.sort((a, b) => endOf(b) - endOf(a)).slice(0, 100);
      const sameSource = last.filter((other) => other.exchange.sourceAddress === flow.exchange.sourceAddress);
      const sameService = sameSource.filter((other) => other.exchange.service === flow.exchange.service);
      expect(counted[index]?.counts.ct_src_ltm).toBe(sameSource.length);
      expect(counted[index]?.counts.ct_srv_src).toBe(sameService.length);
      expect(counted[index]?.counts.ct_dst_ltm).toBe(last.length);
    });
  });
});

describe("writeFlowsParquet", () => {
  it("writes the same bytes for the same table, with the real table's names and types", async () => {
    const folder = await mkdtemp(join(tmpdir(), "oddflow-fixture-"));
    try {
      const [first, second] = [join(folder, "a.parquet"), join(folder, "b.parquet")];
      await writeFlowsParquet(flows, first);
      await writeFlowsParquet(generateFlows(COUNT, 7), second);
      expect((await readFile(first)).equals(await readFile(second))).toBe(true);

      const connection = await (await DuckDBInstance.create()).connect();
      const described = await connection.runAndReadAll(`DESCRIBE FROM '${first}'`);
      expect(described.getRows().map(([name, type]) => [name, type])).toEqual(FLOW_SCHEMA);
      const read = await connection.runAndReadAll(
        `SELECT count(*)::INT, count(ct_ftp_cmd)::INT, sum(stcpb)::DOUBLE, sum(sload) FROM '${first}'`,
      );
      const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
      const [rows, commands, stcpb, sload] = read.getRows()[0] ?? [];
      expect(rows).toBe(COUNT);
      expect(commands).toBe(flows.ct_ftp_cmd.filter((value) => value !== null).length);
      expect(stcpb).toBe(sum(flows.stcpb));
      expect(sload).toBeCloseTo(sum(flows.sload), -3);
      connection.closeSync();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
