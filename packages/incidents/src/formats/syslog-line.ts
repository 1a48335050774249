import type { Incident } from "../incident.ts";
import { cefRecord } from "./cef-record.ts";
import { eventStamp } from "./event-times.ts";
import type { Producer } from "./producer.ts";

/** Who sends it. */
export interface SyslogSender extends Producer {
  /** The machine's name. */
  readonly hostname: string;
}

/** `local0`. */
const FACILITY = 16;

/** Syslog's severities, each from one of ours on: critical, error, warning, notice. */
const SEVERITIES = [
  { from: 9, level: 2 },
  { from: 7, level: 3 },
  { from: 4, level: 4 },
  { from: 0, level: 5 },
] as const;

const LONGEST_HOSTNAME = 255;

/**
 * An incident as a message of syslog (RFC 5424) on one line whose text is its CEF record, without a byte order mark, which readers of CEF do not
 * expect. Its time is that of the last flow.
 */
export function syslogLine(incident: Incident, sender: SyslogSender): string {
  const { level } = SEVERITIES.find(({ from }) => incident.severity >= from) ?? SEVERITIES[3];
  // A name is of printable ASCII, and - for none.
  const hostname = sender.hostname.replace(/[^!-~]/g, "").slice(0, LONGEST_HOSTNAME) || "-";
  return `<${8 * FACILITY + level}>1 ${eventStamp(incident.last)} ${hostname} oddflow - incident - ${cefRecord(incident, sender)}`;
}
