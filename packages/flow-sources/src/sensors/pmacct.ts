import { names, type Sensor } from "./sensor.ts";

/**
 * pmacct's print and message plugins: JSON lines or CSV, of what was chosen to be aggregated.
 * Source: pmacct, CONFIG-KEYS, `aggregate` and `print_output`.
 */
export const PMACCT: Sensor = {
  name: "pmacct",
  title: "pmacct flows",
  marks: [
    ["ip_src", "ip_dst", "bytes"],
    ["SRC_IP", "DST_IP", "BYTES", "PACKETS"],
  ],
  // Message plugins say when they begin and end to write.
  events: { field: "event_type", flows: ["purge"], beside: ["writer_id"] },
  times: [
    "timestamp_start",
    "timestamp_min",
    "stamp_inserted",
    "timestamp_arrival",
    "TIMESTAMP_START",
    "TIMESTAMP_MIN",
    "STAMP_INSERTED",
  ],
  roles: {
    ...Object.fromEntries(
      names(
        "ip_src ip_dst port_src mac_src mac_dst as_src as_dst net_src net_dst mask_src mask_dst peer_ip_src peer_ip_dst peer_as_src " +
          "peer_as_dst iface_in iface_out timestamp_start timestamp_end timestamp_arrival timestamp_min timestamp_max " +
          "timestamp_export stamp_inserted stamp_updated export_proto_seqno writer_id SRC_IP DST_IP SRC_PORT SRC_MAC DST_MAC SRC_AS DST_AS TIMESTAMP_START TIMESTAMP_END TIMESTAMP_ARRIVAL TIMESTAMP_MIN TIMESTAMP_MAX " +
          "TIMESTAMP_EXPORT STAMP_INSERTED STAMP_UPDATED",
      ).map((name) => [name, "identifier" as const]),
    ),
    port_dst: "category",
    DST_PORT: "category",
    tos: "category",
    etype: "category",
    tcp_flags: "category",
    TOS: "category",
    ETYPE: "category",
    TCP_FLAGS: "category",
    event_type: "identifier",
  },
};
