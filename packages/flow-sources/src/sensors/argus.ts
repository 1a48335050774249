import { names, type Sensor } from "./sensor.ts";

/** Of records of the monitor's own it is empty. */
const DIRECTION = /^(|who|<who|<?[-?|]*>?)$/;

/**
 * What Argus's `ra` prints with commas between (`-c ,`). Cells are padded, ports of ICMP are hexadecimal numbers, and the monitor
 * reports on itself in records of the protocol `man`.
 * Source: ra(1) and racluster(5).
 */
export const ARGUS: Sensor = {
  name: "argus",
  title: "Argus flows",
  marks: [["StartTime", "Proto", "SrcAddr", "DstAddr", "State"]],
  bareTables: [
    {
      columns: names("StartTime Flgs Proto SrcAddr Sport Dir DstAddr Dport TotPkts TotBytes State"),
      values: { Dir: DIRECTION, TotPkts: /^\d+$/, TotBytes: /^\d+$/ },
    },
  ],
  events: { field: "Proto", others: ["man"], beside: ["StartTime", "SrcAddr", "DstAddr"] },
  padsCells: true,
  times: ["StartTime"],
  failed: { column: "State", values: names("REQ INT URP URH URN URF S_ S_R S_RA") },
  roles: {
    StartTime: "identifier",
    LastTime: "identifier",
    SrcAddr: "identifier",
    DstAddr: "identifier",
    Sport: "identifier",
    Dport: "category",
    SrcMac: "identifier",
    DstMac: "identifier",
    Flgs: "category",
    Dir: "category",
    State: "category",
    sTos: "category",
    dTos: "category",
    SrcWin: "number",
    DstWin: "number",
    SrcTCPBase: "identifier",
    DstTCPBase: "identifier",
    Seq: "identifier",
    Trans: "number",
    SrcLoad: "number",
    DstLoad: "number",
    SrcRate: "number",
    DstRate: "number",
  },
};
