import { leftOutText } from "@oddflow/flow-sources";
import { countText } from "@oddflow/report/look";
import type { JSX } from "preact";
import type { ScoredFlows } from "../scoring/scored-flows.ts";

/** What a person should know of the input, and what scored it. */
export function RunFacts({ flows }: { readonly flows: ScoredFlows }): JSX.Element {
  const { model, missing, unseen, rows, readMs, scoreMs, takenFor, leftOut } = flows;
  const facts: readonly (readonly [string, string])[] = [
    [
      "Table",
      `${countText(rows)} flows, ${countText(flows.columns.length)} columns, ${countText(model.columns)} of them scored`,
    ],
    ...(takenFor === undefined ? [] : [["Read as", takenFor] as const]),
    ...(leftOut.length === 0 ? [] : [["Left out", leftOutText(leftOut, countText)] as const]),
    ["Missing", missing === 0 ? "no value" : `${countText(missing)} values`],
    [
      "Unseen",
      unseen.length === 0
        ? "no value that the model never saw"
        : unseen.map(([column, count]) => `${column} ${countText(count)}`).join(", "),
    ],
    ["Thresholds", `from ${countText(model.heldBack.flows)} usual flows that were held back in training`],
    ["Time", `${secondsText(readMs)} to read, ${secondsText(scoreMs)} to score`],
  ];
  return (
    <section aria-labelledby="run-title">
      <h3 id="run-title">About this run</h3>
      <dl class="run-facts">
        {facts.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function secondsText(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 9950 ? 1 : 0)} s`;
}
