import { names, type Sensor } from "./sensor.ts";

/**
 * Zeek's conn.log, as tab-separated values or as JSON.
 * Source: the Zeek manual, "conn.log" and "Zeek Log Formats and Inspection".
 */
export const ZEEK: Sensor = {
  name: "zeek",
  title: "Zeek connections",
  marks: [
    ["id.orig_h", "id.resp_h"],
    ["id_orig_h", "id_resp_h"],
  ],
  // As the package json-streaming-logs writes it, for which all logs may go to one place.
  events: { field: "_path", flows: ["conn"], beside: ["ts"] },
  times: ["ts"],
  failed: { column: "conn_state", values: names("S0 REJ RSTOS0 RSTRH SH SHR") },
  roles: {
    ts: "identifier",
    uid: "identifier",
    "id.orig_h": "identifier",
    "id.orig_p": "identifier",
    "id.resp_h": "identifier",
    "id.resp_p": "category",
    id_orig_h: "identifier",
    id_orig_p: "identifier",
    id_resp_h: "identifier",
    id_resp_p: "category",
    tunnel_parents: "identifier",
    _path: "identifier",
    _write_ts: "identifier",
    _system_name: "identifier",
  },
};
