import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RoleDecision } from "@oddflow/preprocessing";
import { describe, expect, test } from "vitest";
import { decideRoles, openTable } from "../src/index.ts";
import { makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();
const REAL = join(import.meta.dirname, "../../../../shared/data");

async function decide(paths: string | readonly string[]): Promise<ReadonlyMap<string, RoleDecision>> {
  const table = await openTable(paths);
  try {
    const { decisions } = await decideRoles(table, "auto", new Map());
    return new Map(decisions.map((decision) => [decision.name, decision]));
  } finally {
    table.close();
  }
}

/** 600 flows, one a second, with what stands in `columns` beside them; in the order of `order`. */
function flows(columns: string, order = "i", { time = "i" }: { readonly time?: string } = {}): string {
  return (
    `SELECT epoch_ms(1500000000000 + 1000 * (${time})) AS ts, (hash(i) % 9000)::BIGINT AS amount, ${columns} ` +
    `FROM range(600) t(i) ORDER BY ${order}`
  );
}

/** Three runs of 200 flows; their names neither rise nor say anything of attacks. */
const RUN = "['lab-c', 'lab-a', 'lab-b'][1 + i // 200]";
const RUN_NUMBER = "1 + i // 200";
const KIND = "['tcp', 'udp', 'icmp'][1 + (hash(i + 7) % 3)::BIGINT]";
const MIXED = "['x1', 'x2', 'x3'][1 + (hash(i + 9) % 3)::BIGINT]";

describe("a column that names the file or the run is no feature, whatever it is called", () => {
  test.each(["csv", "ndjson", "parquet"])("where each value stands in one stretch (%s)", async (format) => {
    const inTime = "it names the run: each value stands in one stretch of time";
    const inRows = "it names the run: each value stands in one stretch of rows";
    const listed = `${RUN} AS origin, ${RUN_NUMBER} AS part, ${MIXED} AS zone, ${KIND} AS proto`;
    for (const [name, query, origin, part] of [
      ["in-order", flows(listed), inTime, inTime],
      ["shuffled", flows(listed, "hash(i)"), inTime, inTime],
      // Recorded at the same time: the rows alone tell, and of numbers they do not, since tables are sorted by them.
      ["beside-each-other", flows(listed, "i", { time: "i % 200" }), inRows, "numeric"],
      // As files that were joined have it, the last one not full.
      ["uneven", `${flows(listed)} LIMIT 445`, inTime, inTime],
    ] as const) {
      const found = await decide(await folder.copy(query, `${name}.${format}`));
      expect([name, found.get("origin")?.reason, found.get("part")?.reason]).toEqual([name, origin, part]);
      expect([name, found.get("zone")?.role, found.get("proto")?.role]).toEqual([
        name,
        "category",
        "category",
      ]);
    }
  });

  test("where each file has one value", async () => {
    const paths = [];
    for (const [file, site] of ["north", "south", "north"].entries()) {
      const query = `SELECT (hash(i) % 9000)::BIGINT AS amount, '${site}' AS site, ${3 - file} AS line, ${KIND} AS proto, ${MIXED} AS zone FROM range(100) t(i)`;
      paths.push(await folder.copy(query, `site-${file}.csv`));
    }
    const found = await decide(paths);
    const named = "it names the file: each has one value throughout";
    expect([found.get("site")?.reason, found.get("line")?.reason]).toEqual([named, named]);
    expect([found.get("proto")?.role, found.get("zone")?.role]).toEqual(["category", "category"]);
    // Two of them say no more of a column than that it is constant in each.
    const [first = "", second = ""] = paths;
    const one = await decide([first, second]);
    expect(one.get("site")?.reason).toBe(named);
  });

  test("where only its name says it", async () => {
    for (const name of ["Dataset", "data_set", "capture", "pcap_file", "scenario", "experiment"]) {
      const found = await decide(await folder.copy(flows(`${MIXED} AS "${name}"`), "named.csv"));
      expect([name, found.get(name)?.reason]).toEqual([name, "its name says that it names a file or a run"]);
    }
  });
});

describe("what describes flows stays a feature", () => {
  test("in a table that is sorted by it, or whose files are kept apart by it", async () => {
    for (const [name, value] of [
      ["proto", KIND],
      ["layer4", KIND],
      ["service", MIXED],
      ["vlan", MIXED],
      ["conn_state", MIXED],
      ["tcp_flags", MIXED],
    ] as const) {
      const query = flows(`${value} AS "${name}", ${MIXED} AS zone`, `"${name}", i`);
      const found = await decide(await folder.copy(query, "sorted.csv"));
      expect([name, found.get(name)?.role]).toEqual([name, "category"]);
      const paths = [];
      for (const part of ["tcp", "udp"]) {
        const one = `SELECT i AS amount, '${part}' AS "${name}" FROM range(60) t(i)`;
        paths.push(await folder.copy(one, `${name}-${part}.csv`));
      }
      expect([name, (await decide(paths)).get(name)?.role]).toEqual([name, "category"]);
    }
  });

  test("where a value comes once and late, where it comes back, where it is missing at times", async () => {
    for (const value of [
      "CASE WHEN i >= 580 THEN 'late' ELSE 'usual' END",
      "CASE WHEN i // 100 = 2 THEN 'burst' ELSE 'usual' END",
      "CASE WHEN i < 200 THEN 'one' WHEN i > 400 THEN 'two' WHEN i % 2 = 0 THEN 'one' END",
      "CASE WHEN i < 300 THEN 'one' WHEN i > 310 THEN 'two' WHEN i % 2 = 0 THEN 'one' ELSE 'two' END",
    ]) {
      const found = await decide(await folder.copy(flows(`${value} AS mode`), "mode.parquet"));
      expect([value, found.get("mode")?.role]).toEqual([value, "category"]);
    }
    const few = `SELECT i AS amount, ${RUN} AS origin FROM range(0, 600, 12) t(i)`;
    expect((await decide(await folder.copy(few, "few.csv"))).get("origin")?.role).toBe("category");
  });
});

test("what has one value in every flow is no feature, missing numbers aside; a category that comes and goes is one", async () => {
  for (const format of ["csv", "ndjson", "parquet"]) {
    const columns =
      "7 AS sensor_speed, 2.5 AS weight, 'one' AS site, true AS sampled, CASE WHEN i % 2 = 0 THEN 3.0 END AS gaps, " +
      "CASE WHEN i % 2 = 0 THEN 'one' END AS sometimes, NULL::DOUBLE AS nothing, 'Benign' AS label";
    const found = await decide(await folder.copy(flows(columns), `constant.${format}`));
    for (const name of ["sensor_speed", "weight", "site", "sampled", "gaps"]) {
      expect([format, name, found.get(name)?.reason]).toEqual([
        format,
        name,
        "it has the same value in every flow",
      ]);
    }
    expect(found.get("sometimes")?.role).toBe("category");
    expect(found.get("nothing")?.reason).toBe("it holds no value");
    expect(found.get("label")?.role).toBe("label");
  }
  const named = await folder.copy(flows("7 AS sensor_speed"), "named-constant.csv");
  const table = await openTable(named);
  const { decisions } = await decideRoles(table, "auto", new Map([["sensor_speed", "number"]]));
  table.close();
  expect(decisions.at(-1)).toMatchObject({ role: "number", reason: "named by the user" });
});

test("a few hundred addresses are no categories, whatever their column is called", async () => {
  for (const format of ["csv", "ndjson", "parquet"]) {
    const columns = "'10.0.' || (i % 2) || '.' || (i % 200) AS far, 'user' || (i % 200) AS agent";
    const found = await decide(await folder.copy(flows(columns), `addresses.${format}`));
    expect([format, found.get("far")?.reason]).toEqual([format, "its values are addresses"]);
    expect([format, found.get("agent")?.role]).toEqual([format, "category"]);
  }
});

test("codes are categories however they are stored; quantities of few values stay numbers", async () => {
  for (const format of ["csv", "ndjson", "parquet"]) {
    const columns =
      "[7.0, 7.126, 91.0, 5.178][1 + i % 4] AS L7_PROTO, [200.0, 404.0, 500.0][1 + i % 3]::DOUBLE AS RETURN_CODE, " +
      "(i % 5)::DOUBLE AS DNS_QUERY_TYPE, (i % 3)::DOUBLE AS IN_PKTS, (i % 4) / 2.0 AS load, " +
      "CASE WHEN i % 9 > 0 THEN (443 + i % 6)::DOUBLE END AS L4_SRC_PORT, (i % 7)::DOUBLE AS ICMP_IPV4_TYPE";
    const found = await decide(await folder.copy(flows(columns), `codes.${format}`));
    const roles = Object.fromEntries([...found.values()].map(({ name, role }) => [name, role]));
    expect([format, roles]).toEqual([
      format,
      {
        ts: "identifier",
        amount: "number",
        L7_PROTO: "category",
        RETURN_CODE: "category",
        DNS_QUERY_TYPE: "category",
        IN_PKTS: "number",
        load: "number",
        L4_SRC_PORT: "identifier",
        ICMP_IPV4_TYPE: "category",
      },
    ]);
  }
});

test.skipIf(!existsSync(REAL))(
  "the captures of real flows are found by their values alone (skipped without the real data)",
  async () => {
    const real = join(REAL, "iot23/flows.parquet");
    const query = (order: string): string =>
      `SELECT * EXCLUDE (capture), 'n' || (hash(capture) % 1000) AS origin FROM read_parquet('${real}') ORDER BY ${order}`;
    for (const order of ["capture, ts", "hash(uid)"]) {
      const found = await decide(await folder.copy(query(order), "iot23.parquet"));
      expect(found.get("origin")?.reason).toMatch(/^it names the run/);
      const rest = [...found.values()].filter(({ reason }) => reason.startsWith("it names"));
      expect(rest.map(({ name }) => name)).toEqual(["origin"]);
    }
  },
);
