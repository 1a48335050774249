import { alignedLines } from "@oddflow/evaluation";
import { rate } from "../progress.ts";
import { oneLine } from "../terminal.ts";
import type { RuleReport, TestedRule } from "./test-rules.ts";

const HEAD = ["rule", "verdict", "matches", "decides", "hides", "expired"];

/** What rules do to alarms, as a table for the terminal. */
export function formatRuleReport({ flows, alarms, left, rules }: RuleReport): string {
  const rows = rules.map(({ id, verdict, matches, decides, hides, expired }) => [
    oneLine(id),
    verdict,
    ...[matches, decides, hides, expired].map(rate),
  ]);
  const notes = rules.flatMap(noteOf);
  const lines = [
    `flows      ${rate(flows)}`,
    `alerts     ${rate(left)} of ${rate(alarms)}`,
    ...(rules.length === 0 ? [] : ["", ...alignedLines([HEAD, ...rows])]),
    ...(notes.length === 0 ? [] : ["", ...notes]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** Why a rule does nothing, where it does nothing. */
function noteOf({ id, matches, decides, expired, lacking }: TestedRule): readonly string[] {
  const why = (): string | undefined => {
    if (lacking.length > 0) return `matches nothing: the flows lack ${lacking.join(", ")}`;
    if (matches === 0) return expired > 0 ? "has expired" : "matches no alarm";
    return decides === 0 ? "decides on no alarm: rules before it are about all that it matches" : undefined;
  };
  const words = why();
  return words === undefined ? [] : [`note       ${oneLine(`${id} ${words}`)}`];
}
