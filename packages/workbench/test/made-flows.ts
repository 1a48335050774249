import { Verdict } from "@oddflow/detector";
import { parseRules } from "@oddflow/rules";
import { type FlowColumns, findTimes, readTable } from "../src/reading/index.ts";
import { applyRules, type TableRules } from "../src/rules/table-rules.ts";
import type { JudgedFlows } from "../src/scoring/judged-flows.ts";

/** Flows of a few hosts, of which some lack a host or a time; a second column of times is not the one that is taken. */
export async function madeFlows(rows: number): Promise<FlowColumns> {
  const lines = Array.from({ length: rows }, (_, row) => {
    const time = row % 41 === 7 ? "" : String(1_741_000_000 + row * 700 + (row % 13));
    const source = row % 29 === 3 ? "-" : row % 5 === 0 ? "2001:db8::1" : ` 10.0.0.${row % 7}`;
    const another = row % 29 === 3 && row % 2 === 0 ? "10.0.9.9" : "";
    return [
      time,
      source,
      another,
      `192.0.2.${row % 3}`,
      22 + (row % 4),
      row % 2 === 0 ? "tcp" : "udp",
      (row * 37) % 1000,
      1_741_000_000 + row,
    ];
  });
  const text = [
    "ts,src_ip,source_ip,dst_ip,dst_port,proto,bytes,timestamp",
    ...lines.map((cells) => cells.join(",")),
  ].join("\n");
  return readTable(new Blob([`${text}\n`]), "made.csv", () => undefined);
}

const TOP: readonly (readonly string[])[] = [
  ["bytes", "proto"],
  ["proto", "dst_port", "bytes"],
  ["dst_port"],
  [],
];

/** What a model may say of them, and rules. */
export function judge(table: FlowColumns, threshold: number, rules?: TableRules): JudgedFlows {
  return {
    table,
    times: findTimes(table.columns),
    // Some are equal.
    scores: Float32Array.from({ length: table.rows }, (_, row) => ((row * 7919) % 97) / 10),
    verdict: new Verdict(threshold),
    rarity: (score) => Math.exp(-1.7 * score),
    topColumns: (row) => TOP[row % TOP.length] ?? [],
    ...(rules === undefined ? {} : { ruling: (row: number) => rules.ruling(row) }),
  };
}

/** One that takes alarms away, one that keeps them, one that has expired and one that the flows lack a column for. */
export const RULES = `rules:
  - { id: port, verdict: escalate, match: { dst_port: 23, bytes: { from: 500 } } }
  - { id: old, verdict: wrong, match: { proto: tcp }, expires: 2025-01-01 }
  - { id: home, verdict: benign, host: [10.0.0.0/30, 2001:db8::/32], match: { dst_port: [22, 23] } }
  - { id: night, verdict: wrong, during: { from: "22:00", to: "04:00" } }
  - { id: none, verdict: wrong, match: { vlan: 3 } }
`;

export const madeRules = (table: FlowColumns): TableRules =>
  applyRules(parseRules(RULES, "rules.yaml"), table);
