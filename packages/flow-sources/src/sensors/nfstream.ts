import { names, type Sensor } from "./sensor.ts";

/**
 * NFStream's CSV (`to_csv`). Times are milliseconds since 1970.
 * Source: NFStream, documentation of NFlow's attributes.
 */
export const NFSTREAM: Sensor = {
  name: "nfstream",
  title: "NFStream flows",
  marks: [["bidirectional_first_seen_ms", "src2dst_packets", "dst2src_packets"]],
  times: ["bidirectional_first_seen_ms"],
  roles: {
    ...Object.fromEntries(
      names(
        "id src_ip dst_ip src_mac dst_mac src_oui dst_oui src_port bidirectional_first_seen_ms bidirectional_last_seen_ms " +
          "src2dst_first_seen_ms src2dst_last_seen_ms dst2src_first_seen_ms dst2src_last_seen_ms requested_server_name " +
          "client_fingerprint server_fingerprint user_agent content_type system_process_pid system_browser_tab",
      ).map((name) => [name, "identifier" as const]),
    ),
    dst_port: "category",
    ip_version: "category",
    vlan_id: "category",
    expiration_id: "category",
    application_name: "category",
    application_category_name: "category",
  },
};
