import type { ValueSpan } from "./table-values.ts";

/**
 * Words of what a flow is and how it ended: tables are sorted by it, files are kept apart by it, a sensor ends all its flows at
 * once when it is stopped, and it says how a flow behaved all the same.
 */
export const FLOW_FIELD_WORDS: ReadonlySet<string> = new Set(
  (
    "proto protocol tos stos dtos dscp ecn vlan version flag flags state service method status opcode rcode qtype app " +
    "application dir direction reason cause"
  ).split(" "),
);

/** Values of such fields, whatever their column is called. */
const FLOW_FIELD_VALUES: ReadonlySet<string> = new Set(
  (
    "tcp udp icmp icmp6 ipv6-icmp igmp gre esp ah sctp arp ospf pim ip ipv4 ipv6 " +
    "http https dns ssh ssl tls quic ftp smtp imap pop3 ntp dhcp snmp smb rdp telnet ldap kerberos sip mqtt syslog " +
    "yes no true false t f in out ingress egress inbound outbound -> <- <->"
  ).split(" "),
);

/** So many flows on average of each value: fewer may stand together by chance. */
const FEWEST_OF_VALUE = 20;

/** Two values stand apart by chance where one of them is rarer than this share of the flows. */
const LEAST_SHARE = 0.05;

/**
 * Why a column names the files or the runs that flows are from; undefined where it does not: each file has one of its values, or
 * each value is seen in one stretch of time, or of the rows, and never before or after. Numbers rise and fall in tables that are
 * sorted, so that only times and files tell of them.
 * @param spans of each of the column's values, missing among them
 * @param files how many files the table has
 */
export function nameRuns(
  spans: readonly ValueSpan[],
  { files, isText }: { readonly files: number; readonly isText: boolean },
): string | undefined {
  const rows = spans.reduce((sum, span) => sum + span.rows, 0);
  if (spans.length < 2 || rows < FEWEST_OF_VALUE * spans.length) return undefined;
  const known = spans.filter(({ value }) => FLOW_FIELD_VALUES.has((value ?? "").trim().toLowerCase()));
  if (2 * known.length >= spans.length) return undefined;
  if (files > 1 && spans.reduce((sum, span) => sum + span.files, 0) === files) {
    return "it names the file: each has one value throughout";
  }
  const least = Math.min(...spans.map((span) => span.rows));
  if (spans.length === 2 && (!isText || least < LEAST_SHARE * rows)) return undefined;
  if (areApartInTime(spans)) return "it names the run: each value stands in one stretch of time";
  const isInStretches = spans.every((span) => span.lastRow - span.firstRow + 1 === span.rows);
  return isText && isInStretches ? "it names the run: each value stands in one stretch of rows" : undefined;
}

function areApartInTime(spans: readonly ValueSpan[]): boolean {
  const inOrder = [...spans].sort((a, b) => a.firstTime - b.firstTime);
  return inOrder.every(({ firstTime }, index) => {
    const before = inOrder[index - 1];
    return before === undefined ? Number.isFinite(firstTime) : firstTime > before.lastTime;
  });
}
