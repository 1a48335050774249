import { names, type Sensor } from "./sensor.ts";

/**
 * goflow2's JSON lines, of NetFlow v5 and v9, IPFIX and sFlow. Each is one direction. Times are nanoseconds since 1970.
 * Source: goflow2, docs/protocols.md and pb/flow.proto.
 */
export const GOFLOW2: Sensor = {
  name: "goflow2",
  title: "goflow2 flows",
  marks: [["time_received_ns", "sampler_address", "sequence_num"]],
  times: ["time_flow_start_ns", "time_received_ns"],
  sampling: { rate: "sampling_rate", counts: ["bytes", "packets"] },
  roles: {
    ...Object.fromEntries(
      names(
        "time_received_ns time_flow_start_ns time_flow_end_ns sequence_num sampler_address src_addr dst_addr src_port next_hop " +
          "bgp_next_hop src_net dst_net src_mac dst_mac src_as dst_as next_hop_as fragment_id ipv6_flow_label " +
          "observation_domain_id observation_point_id in_if out_if type sampling_rate",
      ).map((name) => [name, "identifier" as const]),
    ),
    dst_port: "category",
    ip_tos: "category",
    ip_flags: "category",
    etype: "category",
    vlan_id: "category",
  },
};
