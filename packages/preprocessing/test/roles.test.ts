import {
  findKeyColumns,
  findRoleTable,
  inferRoles,
  NSL_KDD,
  OddflowError,
  overrideRoles,
  ROLE_TABLES,
  referenceRoles,
  rolesFromTable,
  type TableColumn,
  type TableValues,
  UNSW_NB15,
  UNSW_NB15_RAW,
  UNSW_NB15_SETS,
} from "@oddflow/preprocessing";
import { describe, expect, test } from "vitest";

/** UNSW-NB15's flow table, in the order of its columns. */
const UNSW_COLUMNS: TableColumn[] = (
  "flow_id source_ip:text source_port destination_ip:text destination_port protocol:text state:text dur:number sbytes dbytes " +
  "sttl:integer:13 dttl:integer:9 sloss dloss service:text sload:number dload:number spkts dpkts swin:integer:12 dwin:integer:12 " +
  "stcpb dtcpb smeansz dmeansz trans_depth:integer:12 res_bdy_len sjit:number djit:number stime ltime sintpkt:number " +
  "dintpkt:number tcprtt:number synack:number ackdat:number is_sm_ips_ports:integer:2 ct_state_ttl:integer:7 " +
  "ct_flw_http_mthd:integer:14 is_ftp_login:integer:4 ct_ftp_cmd:integer:8 ct_srv_src ct_srv_dst ct_dst_ltm ct_src_ltm " +
  "ct_src_dport_ltm ct_dst_sport_ltm ct_dst_src_ltm attack_label:text binary_label:integer:2"
)
  .split(" ")
  .map((text) => {
    const [name = "", type = "integer", distinct = "257"] = text.split(":");
    return { name, type: type as TableColumn["type"], distinct: Number(distinct) };
  });

const isFeature = ({ role }: { role: string }): boolean => role === "category" || role === "number";

describe("the reference rule", () => {
  test("leaves exactly 33 of UNSW-NB15's 50 columns", () => {
    expect(UNSW_COLUMNS).toHaveLength(50);
    const decisions = referenceRoles(UNSW_COLUMNS);
    expect(decisions.filter(isFeature)).toHaveLength(33);
    expect(decisions.filter(({ role }) => role === "label").map(({ name }) => name)).toEqual([
      "attack_label",
      "binary_label",
    ]);
  });

  test("takes integers of fewer than 20 distinct values as categories, and text always", () => {
    const roleOf = (column: TableColumn): string | undefined => referenceRoles([column])[0]?.role;
    expect(roleOf({ name: "n", type: "integer", distinct: 19 })).toBe("category");
    expect(roleOf({ name: "n", type: "integer", distinct: 20 })).toBe("number");
    expect(roleOf({ name: "n", type: "number", distinct: 2 })).toBe("number");
    expect(roleOf({ name: "n", type: "text", distinct: 9999 })).toBe("category");
  });
});

describe("tables of roles", () => {
  test("leave labels what they are under another name, whatever the schema", () => {
    for (const table of ROLE_TABLES) {
      const features = Object.entries(table.roles).filter(([, role]) => role !== "label");
      const columns = [...features.map(([name]) => name), "label", "Attack Type", "difficulty"].map(
        (name): TableColumn => ({ name, type: "text", distinct: 5 }),
      );
      expect(findRoleTable(columns, [table])).toBe(table);
      const decided = rolesFromTable(columns, table).slice(-3);
      expect(decided.map(({ role }) => role)).toEqual(["label", "label", "identifier"]);
    }
  });

  test("UNSW-NB15's says of every column what the reference rule says", () => {
    const roles = (decisions: { name: string; role: string }[]): string[] =>
      decisions.map(({ name, role }) => `${name} ${role}`);
    expect(roles(rolesFromTable(UNSW_COLUMNS, UNSW_NB15))).toEqual(roles(referenceRoles(UNSW_COLUMNS)));
  });

  test("are found by their columns, whatever the letter case, labels or not", () => {
    const unlabelled = UNSW_COLUMNS.filter(({ name }) => !name.endsWith("_label")).map((column) => ({
      ...column,
      name: column.name.toUpperCase(),
    }));
    expect(findRoleTable(unlabelled, ROLE_TABLES)).toBe(UNSW_NB15);
    expect(rolesFromTable(unlabelled, UNSW_NB15).filter(isFeature)).toHaveLength(33);
    expect(findRoleTable(UNSW_COLUMNS.slice(0, 20), ROLE_TABLES)).toBeUndefined();
  });

  test("UNSW-NB15's other forms have the same features under their own names, and the sets the rate", () => {
    const raw =
      "srcip sport dstip dsport proto state dur sbytes dbytes sttl dttl sloss dloss service Sload Dload Spkts Dpkts swin dwin " +
      "stcpb dtcpb smeansz dmeansz trans_depth res_bdy_len Sjit Djit Stime Ltime Sintpkt Dintpkt tcprtt synack ackdat " +
      "is_sm_ips_ports ct_state_ttl ct_flw_http_mthd is_ftp_login ct_ftp_cmd ct_srv_src ct_srv_dst ct_dst_ltm ct_src_ltm " +
      "ct_src_dport_ltm ct_dst_sport_ltm ct_dst_src_ltm attack_cat Label";
    const sets =
      "id dur proto service state spkts dpkts sbytes dbytes rate sttl dttl sload dload sloss dloss sinpkt dinpkt sjit djit swin " +
      "stcpb dtcpb dwin tcprtt synack ackdat smean dmean trans_depth response_body_len ct_srv_src ct_state_ttl ct_dst_ltm " +
      "ct_src_dport_ltm ct_dst_sport_ltm ct_dst_src_ltm is_ftp_login ct_ftp_cmd ct_flw_http_mthd ct_src_ltm ct_srv_dst " +
      "is_sm_ips_ports attack_cat label";
    for (const [names, expected, features] of [
      [raw.split(" "), UNSW_NB15_RAW, 33],
      // The list of features has a space there.
      [raw.split(" ").map((name) => name.replace("src_ltm", "src_ ltm")), UNSW_NB15_RAW, 33],
      [sets.split(" "), UNSW_NB15_SETS, 34],
    ] as const) {
      const columns = names.map((name): TableColumn => ({ name, type: "number" }));
      const table = findRoleTable(columns, ROLE_TABLES);
      expect(table).toBe(expected);
      const decisions = rolesFromTable(columns, table ?? expected);
      expect(decisions.filter(isFeature)).toHaveLength(features);
      expect(decisions.filter(({ role }) => role === "label")).toHaveLength(2);
    }
    const kinds = ({ roles }: typeof UNSW_NB15, role: string): number =>
      Object.values(roles).filter((found) => found === role).length;
    for (const table of [UNSW_NB15, UNSW_NB15_RAW, UNSW_NB15_SETS]) {
      expect([kinds(table, "category"), kinds(table, "label")], table.name).toEqual([12, 2]);
    }
  });

  test("NSL-KDD's has its 41 features and leaves the difficulty out", () => {
    expect(Object.values(NSL_KDD.roles).filter((role) => role !== "label")).toHaveLength(41);
    expect(rolesFromTable([{ name: "difficulty", type: "integer" }], NSL_KDD)[0]?.role).toBe("identifier");
  });
});

describe("inferred roles", () => {
  const roleOf = (name: string, type: TableColumn["type"], distinct = 300): string | undefined =>
    inferRoles([{ name, type, distinct }])[0]?.role;

  test("go by whole words, where the reference rule misfires", () => {
    for (const name of ["width", "orig_ip_bytes", "video_rate", "transport_delay", "src_bytes", "SrcBytes"]) {
      expect([name, roleOf(name, "number")]).toEqual([name, "number"]);
    }
  });

  test("leave out who, where and when in the names that flow tools use", () => {
    const names =
      "uid|id.orig_h|id.orig_p|ts|src_ip|Src IP|SrcAddr|Sport|src_port|StartTime|IPV4_SRC_ADDR|L4_SRC_PORT|Flow ID|community_id";
    for (const name of names.split("|")) {
      expect([name, roleOf(name, name.includes("port") ? "integer" : "text", 20)]).toEqual([
        name,
        "identifier",
      ]);
    }
  });

  test("take the port of a service for a category, whatever it is called", () => {
    const names =
      "id.resp_p|dport|Dport|dstport|dst_port|Destination Port|Dst Port|L4_DST_PORT|dest_port|destinationTransportPort|port_dst";
    for (const name of names.split("|")) {
      for (const type of ["integer", "text"] as const) {
        expect([name, roleOf(name, type, 257)]).toEqual([name, "category"]);
      }
    }
    expect(roleOf("dst_port_count", "integer", 257)).toBe("number");
  });

  test("keep codes and amounts that say whose or which way", () => {
    for (const name of "src_tos|dst_tos|ip_flags|ip_version".split("|")) {
      expect([name, roleOf(name, "integer", 9)]).toEqual([name, "category"]);
    }
    for (const name of "SrcWin|DstWin|src_bytes".split("|")) {
      expect([name, roleOf(name, "integer", 257)]).toEqual([name, "number"]);
    }
  });

  test("a word names an address, a port or a time where it says what the column is, and nothing where it says whose", () => {
    const whole = (name: string): string | undefined => roleOf(name, "integer", 9);
    for (const name of (
      "ICMP_IPV4_TYPE|ip_proto|ipv6_next_protocol|vlan_id|VLAN ID|application_id|ICMP_TYPE|DNS_QUERY_TYPE|FTP_COMMAND_RET_CODE|" +
      "http_status_code|src_vlan|ip_dscp|ip_ecn"
    ).split("|")) {
      expect([name, whole(name)]).toEqual([name, "category"]);
    }
    for (const name of (
      "ipv6_flow_label|port_scan_count|port_scans|ip_options|ip_fragments|MIN_IP_PKT_LEN|mac_changes|response_time|" +
      "time_to_live|inter_arrival_time|idle_time|src_load|application_confidence|capture_loss|pcap_cnt|file_size"
    ).split("|")) {
      expect([name, whole(name)]).toEqual([name, "number"]);
    }
    for (const name of (
      "ip|src_ip|ip_src|router_ip|source_ip_1|ip_int|DNS_QUERY_ID|flow_id|ip_id|port|src_port|port_src|l4_port_b|mac|time|" +
      "start_time|time_first|capture|scenario|run|data_set"
    ).split("|")) {
      expect([name, whole(name)]).toEqual([name, "identifier"]);
    }
  });

  test("a code is a category however it is stored and however many it has; a quantity of few whole values is a number", () => {
    const stored = (name: string, distinct: number, hasFractions?: true): string | undefined =>
      inferRoles([{ name, type: "number", distinct, ...(hasFractions ? { hasFractions } : {}) }])[0]?.role;
    expect(stored("L7_PROTO", 40, true)).toBe("category");
    expect(stored("L7_PROTO", 257, true)).toBe("category");
    expect(stored("ICMP_TYPE", 257)).toBe("category");
    for (const name of ["IN_PKTS", "retransmissions", "dst_load", "ct_ftp_cmd", "proto_bytes"]) {
      expect([name, stored(name, 4)]).toEqual([name, "number"]);
    }
    // A fraction names nobody, but may say when.
    for (const name of ["src_load", "dst_rtt_x", "ip_share", "state_score", "port_entropy"]) {
      expect([name, stored(name, 257, true)]).toEqual([name, "number"]);
    }
    for (const name of ["ts", "stime", "time", "Flow Start Time"]) {
      expect([name, stored(name, 257, true)]).toEqual([name, "identifier"]);
    }
  });

  test("tell kinds from amounts", () => {
    expect(roleOf("conn_state", "text", 13)).toBe("category");
    expect(roleOf("history", "text", 257)).toBe("identifier");
    expect(roleOf("protocol", "integer", 5)).toBe("category");
    expect(roleOf("spkts", "integer", 5)).toBe("number");
    expect(roleOf("local_orig", "boolean", 2)).toBe("category");
    expect(roleOf("tunnel_parents", "text", 0)).toBe("identifier");
    expect(roleOf("started", "time")).toBe("identifier");
    expect(roleOf("Label", "text", 2)).toBe("label");
  });

  test("give a reason for every column", () => {
    for (const decision of inferRoles(UNSW_COLUMNS)) expect(decision.reason).not.toBe("");
  });
});

test("overrides replace roles and name the columns that are not there", () => {
  const decisions = inferRoles([{ name: "a", type: "number" }]);
  expect(overrideRoles(decisions, new Map([["a", "category"]]))[0]?.role).toBe("category");
  expect(() =>
    overrideRoles(
      decisions,
      new Map([
        ["b", "label"],
        ["c", "label"],
      ]),
    ),
  ).toThrow(expect.objectContaining({ code: "ROLES_INVALID", message: expect.stringContaining('"b", "c"') }));
  expect(() => overrideRoles(decisions, new Map([["b", "label"]]))).toThrow(OddflowError);
});

test("a known schema's keys are found without a look at its values", async () => {
  const nothing: object = {};
  const unread = new Proxy(nothing, {
    get: (_, question) => expect.unreachable(`asked for ${String(question)}`),
  }) as TableValues;
  expect(await findKeyColumns(UNSW_COLUMNS, unread, undefined)).toEqual(
    rolesFromTable(UNSW_COLUMNS, UNSW_NB15)
      .filter(({ role }) => role === "identifier")
      .map(({ name }) => name),
  );
});
