import type { ColumnRole } from "./roles.ts";

/** The roles of a known schema, as data. */
export interface RoleTable {
  readonly name: string;
  /** Column name, in lower case and without space, to role. A column that is not listed is an identifier. */
  readonly roles: Readonly<Record<string, ColumnRole>>;
  /** Features, named as in `roles`, that nearly give the label away in the data set, however well they do so in a part of it. */
  readonly labelLeaks?: readonly string[];
}

/** Attacks were sent from machines of their own, so that times to live tell them from the rest. */
const UNSW_NB15_LEAKS = ["sttl", "dttl", "ct_state_ttl"];

/** The features of UNSW-NB15 that all of its forms call the same, and the roles that the reference rule gives them. */
const UNSW_NB15_FEATURES = {
  ...roles(
    "number",
    "dur sbytes dbytes sloss dloss sload dload spkts dpkts stcpb dtcpb sjit djit tcprtt synack ackdat",
  ),
  ...roles(
    "category",
    "state service sttl dttl swin dwin trans_depth ct_state_ttl ct_flw_http_mthd is_ftp_login ct_ftp_cmd",
  ),
};

/**
 * UNSW-NB15's flow table of 50 columns. The features are the 33 that the reference rule leaves, with the roles that it
 * gives them on the real table, so that figures can be held against the reference; the connection counters (ct_srv_src and the like) and the addresses are left out with it.
 * Source: Moustafa and Slay, "UNSW-NB15: a comprehensive data set for network intrusion detection systems", 2015.
 */
export const UNSW_NB15: RoleTable = {
  name: "UNSW-NB15",
  roles: {
    ...UNSW_NB15_FEATURES,
    ...roles("number", "smeansz dmeansz res_bdy_len sintpkt dintpkt"),
    ...roles("category", "protocol"),
    ...roles("label", "attack_label binary_label"),
  },
  labelLeaks: UNSW_NB15_LEAKS,
};

/**
 * The four raw tables under the names that come with them: the same features.
 * Source: NUSW-NB15_features.csv, which comes with the data set.
 */
export const UNSW_NB15_RAW: RoleTable = {
  name: "UNSW-NB15 raw",
  roles: {
    ...UNSW_NB15_FEATURES,
    ...roles("number", "smeansz dmeansz res_bdy_len sintpkt dintpkt"),
    ...roles("category", "proto"),
    ...roles("label", "attack_cat label"),
  },
  labelLeaks: UNSW_NB15_LEAKS,
};

/**
 * The training and the testing set, without addresses and times: the same features, and the rate of packets.
 * Source: UNSW_NB15_training-set.csv, which comes with the data set.
 */
export const UNSW_NB15_SETS: RoleTable = {
  name: "UNSW-NB15 training and testing set",
  roles: {
    ...UNSW_NB15_FEATURES,
    ...roles("number", "rate smean dmean response_body_len sinpkt dinpkt"),
    ...roles("category", "proto"),
    ...roles("label", "attack_cat label"),
  },
  labelLeaks: UNSW_NB15_LEAKS,
};

/**
 * NSL-KDD: 41 features and the attack's name in `class`. `difficulty` was made from the labels, so it is left out.
 * Source: Tavallaee, Bagheri, Lu and Ghorbani, "A detailed analysis of the KDD CUP 99 data set", 2009.
 */
export const NSL_KDD: RoleTable = {
  name: "NSL-KDD",
  roles: {
    ...roles(
      "number",
      "duration src_bytes dst_bytes wrong_fragment urgent hot num_failed_logins num_compromised num_root " +
        "num_file_creations num_shells num_access_files num_outbound_cmds count srv_count serror_rate srv_serror_rate " +
        "rerror_rate srv_rerror_rate same_srv_rate diff_srv_rate srv_diff_host_rate dst_host_count dst_host_srv_count " +
        "dst_host_same_srv_rate dst_host_diff_srv_rate dst_host_same_src_port_rate dst_host_srv_diff_host_rate " +
        "dst_host_serror_rate dst_host_srv_serror_rate dst_host_rerror_rate dst_host_srv_rerror_rate",
    ),
    ...roles(
      "category",
      "protocol_type service flag land logged_in root_shell su_attempted is_host_login is_guest_login",
    ),
    ...roles("label", "class"),
  },
};

/** The schemas that are recognised by their columns. */
export const ROLE_TABLES: readonly RoleTable[] = [UNSW_NB15, UNSW_NB15_RAW, UNSW_NB15_SETS, NSL_KDD];

function roles(role: ColumnRole, names: string): Record<string, ColumnRole> {
  return Object.fromEntries(names.split(" ").map((name) => [name, role]));
}
