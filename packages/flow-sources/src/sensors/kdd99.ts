import { type BareTable, names, type Sensor } from "./sensor.ts";

const FEATURES = names(
  "duration protocol_type service flag src_bytes dst_bytes land wrong_fragment urgent hot num_failed_logins logged_in " +
    "num_compromised root_shell su_attempted num_root num_file_creations num_shells num_access_files num_outbound_cmds " +
    "is_host_login is_guest_login count srv_count serror_rate srv_serror_rate rerror_rate srv_rerror_rate same_srv_rate " +
    "diff_srv_rate srv_diff_host_rate dst_host_count dst_host_srv_count dst_host_same_srv_rate dst_host_diff_srv_rate " +
    "dst_host_same_src_port_rate dst_host_srv_diff_host_rate dst_host_serror_rate dst_host_srv_serror_rate " +
    "dst_host_rerror_rate dst_host_srv_rerror_rate",
);

const VALUES = { protocol_type: /^(tcp|udp|icmp)$/, flag: /^[A-Z0-9]{2,6}$/, class: /^[a-z_]+\.?$/ };

const TABLES: readonly BareTable[] = [
  { columns: [...FEATURES, "class"], values: VALUES },
  { columns: [...FEATURES, "class", "difficulty"], values: { ...VALUES, difficulty: /^\d+$/ } },
];

/**
 * KDD Cup 99's connections and those of NSL-KDD, as text without a header; NSL-KDD adds how hard a record was to learn.
 * Source: kddcup.names; NSL-KDD's KDDTrain+.txt.
 */
export const KDD99: Sensor = {
  name: "kdd",
  title: "KDD Cup 99 or NSL-KDD connections",
  marks: [["protocol_type", "dst_host_srv_rerror_rate", "srv_diff_host_rate"]],
  bareTables: TABLES,
  times: [],
  roles: {},
};
