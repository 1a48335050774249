import { choicesFor } from "../robustness/seeded-choices.ts";

/** Names that mean something to one of the forms, or to a reader who takes too much for the end of a value. */
const NAMES = [
  "10.0.0.1",
  "192.0.2.255",
  "fe80::1%eth0",
  "::ffff:198.51.100.7",
  "2001:db8::1",
  "a|b=c\\d",
  "x cs1=injected",
  "two\nlines",
  "trailing\\",
  "=",
  "|",
  '"quoted"',
  "ünï=ćødé",
  "日本|語",
  "CEF:0|Other|Other|1|x|y|10|",
  "<1>1 - - - - - -",
];

const COLUMNS = ["dur", "s=bytes", "du|r", "back\\slash", "context.source.60s.flows"];

const START = 1_767_225_600;

/** Lines of scored flows with such names, the same for a seed; each is an alarm. */
export function madeFlows(seed: number, count: number): string {
  const { below, of } = choicesFor(seed, "incidents", 0);
  const lines = Array.from({ length: count }, (_, row) => {
    const column = of(COLUMNS);
    return JSON.stringify({
      ts: START + 30 * row + below(1000) / 1000,
      uid: `C${row}`,
      src_ip: of(NAMES),
      src_port: below(70_000),
      dest_ip: of([...NAMES, null]),
      dest_port: of([0, 443, 65_535, 65_536, "http", null]),
      proto: of(["tcp", "UDP", "17", "a|b", null]),
      net: of(["lab", "a=b\\c", null]),
      score: 1 + below(1000) / 100,
      is_anomaly: true,
      probability: of([0.01, 0.001, 1e-7, 0]),
      top_columns: [column, of(COLUMNS)],
      reasons: of([
        null,
        [{ name: column, share: 0.5, text: `${column} ${of(NAMES)}, usually ${of(NAMES)}.` }],
      ]),
      alarm_rule: "a.rule",
      alarm_verdict: of(["escalate", null, null]),
    });
  });
  return `${lines.join("\n")}\n`;
}
