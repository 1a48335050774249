import type { OldAndNew } from "@oddflow/evaluation";
import type { ChangedFlow } from "./changed-flows.ts";
import { rate } from "./progress.ts";
import { oneLine } from "./terminal.ts";

/** The flows on which one model alone raises an alarm, for the terminal; nothing where there are none. */
export function formatChanged({ old, new: latter }: OldAndNew<readonly ChangedFlow[]>): string {
  return [
    ...part("Only the new model raises an alarm; the old one finds these the most usual", latter),
    ...part("Only the old model raises an alarm; the new one finds these the most usual", old),
    "",
  ].join("\n");
}

function part(heading: string, flows: readonly ChangedFlow[]): string[] {
  if (flows.length === 0) return [];
  const lines = flows.flatMap(({ row, rarities, reasons }) =>
    (reasons.length > 0 ? reasons : [""]).map((reason, k) =>
      k === 0
        ? line(rate(row + 1), rarity(rarities.old), rarity(rarities.new), reason)
        : line("", "", "", reason),
    ),
  );
  return ["", heading, line("row", "old rarity", "new rarity", "what made it odd"), ...lines];
}

function line(row: string, old: string, latter: string, reason: string): string {
  return `${row.padStart(10)}  ${old.padStart(10)}  ${latter.padStart(10)}  ${oneLine(reason)}`;
}

/** How rare a score is among usual flows. */
function rarity(share: number): string {
  return share === 0 ? "rarest" : `${Number((100 * share).toPrecision(2))} %`;
}
