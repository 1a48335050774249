import { countText, percentText, visibleText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { attackLabels, countLabels } from "../choosing/label-figures.ts";
import type { Result } from "../page/result.ts";
import type { ScoredFlows } from "../scoring/scored-flows.ts";
import { FoundAttacks } from "./found-attacks.tsx";

/** Of each kind of label, how many flows raise an alarm. The model has not seen the labels. */
export function LabelTable({
  result,
  label,
}: {
  readonly result: Result;
  readonly label: NonNullable<ScoredFlows["label"]>;
}): JSX.Element {
  const { column, names } = label;
  const counts = countLabels(label, result.chosen.value.labels, result.alarms.value.labels);
  const normals = result.normals.value;
  const isAttack = useMemo(() => attackLabels(label, normals), [label, normals]);
  return (
    <section aria-labelledby="labels-title">
      <h3 id="labels-title">Alarms by label</h3>
      {isAttack && <FoundAttacks result={result} label={label} isAttack={isAttack} />}
      <table class="labels">
        <caption>
          What <code>{visibleText(column)}</code> says of the flows. The model never saw it.
        </caption>
        <thead>
          <tr>
            <th scope="col">label</th>
            <th scope="col" class="number">
              flows
            </th>
            <th scope="col" class="number">
              alarms
            </th>
            <th scope="col" class="wide">
              share that raises an alarm
            </th>
          </tr>
        </thead>
        <tbody>
          {counts.map(({ name, flows, alarms }) => (
            <tr key={name}>
              <th scope="row">
                {name === "" ? "none" : visibleText(name)}
                {isAttack && (
                  <span class="kind">{isAttack[names.indexOf(name)] === 1 ? "attack" : "normal"}</span>
                )}
              </th>
              <td class="number">{countText(flows)}</td>
              <td class="number">{countText(alarms)}</td>
              <td>
                <div class="share-bar">
                  <span class="share">{percentText(alarms / flows)}</span>
                  <span class="bar" aria-hidden="true">
                    <span style={{ width: `${(100 * alarms) / flows}%` }} />
                  </span>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
