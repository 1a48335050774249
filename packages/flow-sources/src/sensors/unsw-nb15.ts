import { names, type Sensor } from "./sensor.ts";

/**
 * UNSW-NB15's four raw tables, which have no header. Their columns get the names that the flow table and the shipped model have, so
 * that both read them: `protocol` for proto, `attack_label` for attack_cat, `binary_label` for Label.
 * Source: NUSW-NB15_features.csv, which comes with the data set.
 */
export const UNSW_NB15_TABLES: Sensor = {
  name: "unsw-nb15",
  title: "UNSW-NB15's table",
  marks: [
    ["sbytes", "dbytes", "ct_state_ttl", "smeansz"],
    ["sbytes", "dbytes", "ct_state_ttl", "smean"],
  ],
  bareTables: [
    {
      columns: names(
        "source_ip source_port destination_ip destination_port protocol state dur sbytes dbytes sttl dttl sloss dloss service " +
          "sload dload spkts dpkts swin dwin stcpb dtcpb smeansz dmeansz trans_depth res_bdy_len sjit djit stime ltime sintpkt " +
          "dintpkt tcprtt synack ackdat is_sm_ips_ports ct_state_ttl ct_flw_http_mthd is_ftp_login ct_ftp_cmd ct_srv_src " +
          "ct_srv_dst ct_dst_ltm ct_src_ltm ct_src_dport_ltm ct_dst_sport_ltm ct_dst_src_ltm attack_label binary_label",
      ),
      values: {
        source_ip: /^[\d.]+$/,
        destination_ip: /^[\d.]+$/,
        stime: /^\d{10}$/,
        binary_label: /^[01]$/,
      },
    },
  ],
  padsCells: true,
  times: ["stime"],
  roles: {},
};
