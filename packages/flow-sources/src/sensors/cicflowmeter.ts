import { names, type Sensor } from "./sensor.ts";

/**
 * CICFlowMeter's CSV: the Java program's names, with spaces, the same in the CIC data sets, and those of the Python one.
 * Source: CICFlowMeter, FlowFeature.java; cicflowmeter (PyPI), flow.py.
 */
export const CICFLOWMETER: Sensor = {
  name: "cicflowmeter",
  title: "CICFlowMeter flows",
  marks: [
    ["Flow Duration", "Total Fwd Packets", "Flow IAT Mean"],
    ["Flow Duration", "Tot Fwd Pkts", "Flow IAT Mean"],
    ["Flow Duration", "Total Fwd Packet", "Flow IAT Mean"],
    ["flow_duration", "tot_fwd_pkts", "flow_iat_mean"],
  ],
  times: ["Timestamp", "timestamp"],
  dayFirst: ["Timestamp"],
  roles: {
    ...Object.fromEntries(
      [
        ...[
          "Flow ID",
          "Source IP",
          "Source Port",
          "Destination IP",
          "Timestamp",
          "Src IP",
          "Src Port",
          "Dst IP",
        ],
        ...names("src_ip dst_ip src_port src_mac dst_mac timestamp SimillarHTTP"),
      ].map((name) => [name, "identifier" as const]),
    ),
    "Destination Port": "category",
    "Dst Port": "category",
    dst_port: "category",
    Protocol: "category",
    protocol: "category",
  },
};
