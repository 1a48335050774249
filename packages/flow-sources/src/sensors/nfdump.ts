import { names, type Sensor } from "./sensor.ts";

/** What `nfdump -o csv` wrote up to 1.7.1, in 48 columns. */
const CSV_COLUMNS = names(
  "ts te td sa da sp dp pr flg fwd stos ipkt ibyt opkt obyt in out sas das smk dmk dtos dir nh nhb svln dvln ismc odmc idmc " +
    "osmc mpls1 mpls2 mpls3 mpls4 mpls5 mpls6 mpls7 mpls8 mpls9 mpls10 cl sl al ra eng exid tr",
);

const IDENTIFIERS = names(
  "ts te tr sa da sp sas das smk dmk nh nhb svln dvln ismc odmc idmc osmc ra eng exid firstSeen lastSeen srcAddr dstAddr srcPort " +
    "cnt export_sysid first last received src_port src4_addr dst4_addr src6_addr dst6_addr src_mask dst_mask src_net dst_net " +
    "src_as dst_as ip4_next_hop ip6_next_hop bgp4_next_hop bgp6_next_hop ip4_router ip6_router in_src_mac out_dst_mac in_dst_mac " +
    "out_src_mac src4_geo dst4_geo src6_geo dst6_geo input_snmp output_snmp in out label engine_type engine_id type ident sampled " +
    "mpls1 mpls2 mpls3 mpls4 mpls5 mpls6 mpls7 mpls8 mpls9 mpls10",
);

/**
 * nfdump's CSV of both generations, and its JSON. The old CSV ends in a summary; without a header it is told by its dates.
 * Source: nfdump(1), and src/output of nfdump 1.7.
 */
export const NFDUMP: Sensor = {
  name: "nfdump",
  title: "nfdump flows",
  marks: [
    ["ts", "te", "td", "sa", "da"],
    ["firstSeen", "srcAddr", "dstAddr"],
    ["export_sysid", "first", "last"],
  ],
  bareTables: [
    {
      columns: CSV_COLUMNS,
      values: { ts: /^\d{4}-\d\d-\d\d /, te: /^\d{4}-\d\d-\d\d /, td: /^\d+(\.\d+)?$/, sp: /^[\d.]+$/ },
    },
  ],
  // NAT and firewall events (NSEL), which count nothing.
  events: { field: "type", others: ["EVENT"], beside: ["export_sysid", "first"] },
  summary: "Summary",
  times: ["ts", "firstSeen", "first"],
  roles: {
    ...Object.fromEntries(IDENTIFIERS.map((name) => [name, "identifier" as const])),
    dp: "category",
    dir: "category",
    fwd: "category",
    direction: "category",
    dstPort: "category",
    dst_port: "category",
  },
};
