/** A column that made a flow odd. */
export interface AlarmReason {
  readonly column: string;
  /** Its error, in units of the flow's score: larger is odder. */
  readonly error: number;
  /** In words, in one line. */
  readonly text: string;
}

/** Which flow it was. What is not known is null. */
export interface FlowEnds {
  readonly source: string | null;
  readonly sourcePort: string | null;
  readonly destination: string | null;
  /** The service's. */
  readonly port: string | null;
  readonly protocol: string | null;
  /** What the sensor calls the flow: Zeek's uid, Suricata's flow_id. */
  readonly id: string | null;
  /** Its row in what was read, from 1. */
  readonly row: number | null;
}

/** A flow that raises an alarm which no rule takes away. */
export interface Alarm {
  /** Whose flow it is: an address, a pair of them, or a column's value. */
  readonly host: string;
  /** Null where there is one network, or the flow names none. */
  readonly network: string | null;
  /** Seconds since 1970. */
  readonly time: number;
  readonly score: number;
  /** The share of usual flows that score as high, 0 to 1. */
  readonly probability: number;
  /** The columns that made it odd, the most telling first; empty where that is not known. */
  readonly columns: readonly string[];
  /** Some of them or none, most telling first. */
  readonly reasons: readonly AlarmReason[];
  /** The rule that escalated it, or null. */
  readonly rule: string | null;
  readonly flow: FlowEnds;
}
