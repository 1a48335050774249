import { names, type Sensor } from "./sensor.ts";

/**
 * Suricata's eve.json: one stream for all kinds of events. A flow event counts both directions, a netflow event one.
 * Source: the Suricata user guide, "EVE JSON Format".
 */
export const SURICATA: Sensor = {
  name: "suricata",
  title: "Suricata flow events",
  marks: [["event_type", "timestamp", "flow_id"]],
  events: { field: "event_type", flows: ["flow", "netflow"], beside: ["timestamp"] },
  times: ["flow.start", "netflow.start", "timestamp"],
  roles: {
    ...Object.fromEntries(
      names(
        "timestamp flow_id pcap_cnt in_iface src_ip src_port dest_ip ether.src_mac ether.dest_mac parent_id tx_id community_id " +
          "flow.start flow.end netflow.start netflow.end host pcap_filename flow.alerted",
      ).map((name) => [name, "identifier" as const]),
    ),
    dest_port: "category",
    app_proto_ts: "category",
    app_proto_tc: "category",
    "tcp.tcp_flags": "category",
    "tcp.tcp_flags_ts": "category",
    "tcp.tcp_flags_tc": "category",
  },
};
