import { countText, numberText } from "@oddflow/report/look";
import type { JSX } from "preact";
import type { Result } from "../page/result.ts";

/** Which flows are alarms, for views that take them from the list of flows. */
export function AlarmLine({ result }: { readonly result: Result }): JSX.Element {
  const hasRules = (result.rules.opened.value?.rules.length ?? 0) > 0;
  return (
    <p class="note">
      Of all flows, filters aside. Those that score {numberText(result.threshold.value)} or more are alarms,
      as the Flows view has it{hasRules ? ", but for what rules take away" : ""}.
    </p>
  );
}

/** How many alarms rules take away, among the chosen flows; nothing where there are no rules. */
export function RuledOut({ result }: { readonly result: Result }): JSX.Element | null {
  const opened = result.rules.opened.value;
  if (opened === undefined || opened.rules.length === 0) return null;
  const { odd, rows } = result.alarms.value;
  return <> Rules take away {odd === rows ? "none" : <b data-figure="hidden">{countText(odd - rows)}</b>}.</>;
}
