import { examplePattern } from "@oddflow/preprocessing";
import { countText, percentText, visibleText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { labelFigures, patternsOf, tellingLabels } from "../choosing/label-figures.ts";
import type { Result } from "../page/result.ts";
import type { ScoredFlows } from "../scoring/scored-flows.ts";
import { useAnswer } from "./use-answer.ts";

type Labels = NonNullable<ScoredFlows["label"]>;

/** As many labels as are named. */
const NAMED_LABELS = 8;

/** How well the alarms tell attacks from normal flows, and which labels are normal. */
export function FoundAttacks({
  result,
  label,
  isAttack,
}: {
  readonly result: Result;
  readonly label: Labels;
  /** Of each label. */
  readonly isAttack: Uint8Array;
}): JSX.Element {
  const chosen = result.chosen.value;
  const { attacks, attacksFound, normals, falseAlarms } = labelFigures(
    chosen.labels,
    result.alarms.value.labels,
    isAttack,
  );
  const area = useRocAuc(result, isAttack);
  return (
    <>
      <p data-figure="labels">
        {normals > 0 && attacks > 0 ? (
          <>
            <b>{percentText(attacksFound / attacks)}</b> of {countText(attacks)} attacks and{" "}
            <b>{percentText(falseAlarms / normals)}</b> of {countText(normals)} normal flows raise an alarm;
            ROC-AUC {area === undefined ? "…" : area.toFixed(4)}.
          </>
        ) : (
          <OneKindOnly label={label} areAttacks={attacks > 0} />
        )}
      </p>
      <div class="controls">
        <label class="long">
          <span>Labels that are no attacks</span>
          <input
            type="text"
            value={result.normals.value.join(", ")}
            placeholder="normal, benign, background, none, 0"
            aria-describedby="normals-hint"
            spellcheck={false}
            onChange={({ currentTarget: { value } }) => {
              result.normals.value = patternsOf(value);
            }}
          />
        </label>
      </div>
      <p class="note" id="normals-hint">
        Patterns as <code>--normal</code> of the commands takes them, with commas between; * stands for any
        letters.
      </p>
    </>
  );
}

/** Of the chosen flows, once the worker has reckoned it: it hangs on no threshold, which moves many times a second. */
function useRocAuc(result: Result, isAttack: Uint8Array): number | undefined {
  const chosen = result.chosen.value;
  // The same labels are another question once the chosen flows are others.
  const question = useMemo(() => isAttack.slice(), [isAttack, chosen]);
  const { answer, isBusy } = useAnswer(result.worker, "rocAuc", question);
  return isBusy ? undefined : answer;
}

/** What is said where there is nothing to tell apart. */
function OneKindOnly({
  label,
  areAttacks,
}: {
  readonly label: Labels;
  readonly areAttacks: boolean;
}): JSX.Element {
  if (!areAttacks) return <>No label among these flows is an attack's.</>;
  const names = tellingLabels(label);
  const shown = names.slice(0, NAMED_LABELS).map(visibleText).join(", ");
  return (
    <>
      The labels call every one of these flows an attack ({shown}
      {names.length > NAMED_LABELS ? ", ..." : ""}). Name those that are none, such as{" "}
      <code>{visibleText(examplePattern(names) ?? "normal*")}</code>.
    </>
  );
}
